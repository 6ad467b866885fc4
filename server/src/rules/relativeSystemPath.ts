import { normalise } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { type Declared, writtenIn } from "./support/declared";
import { rewritePath, safely, shown } from "./support/text";

export const rule: Rule = {
  id: "relative-system-path",
  level: "warning",
  title: "A system path without a leading slash",
  doc: `Paths of the system count from \`/\`; only paths of users are relative, to the home directory. impermanence accepts a path without the slash
and mounts it below \`/\`, but it creates the parents in the storage by putting the two texts together: \`/persist\` and \`var/log\` become
\`/persistvar\`, outside the storage. preservation puts a slash between them; there it is a hint.`,
  check,
  examples: [
    {
      title: "In a list",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      "var/log"
    # ^^^^^^^^^ "/persistvar"
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
    ];
  };
}
`,
    },
    {
      title: "As an entry with options",
      text: `{
  environment.persistence."/persist".files = [ { file = "etc/machine-id"; method = "symlink"; } ];
  #                                                     ^^^^^^^^^^^^^^^^ treated as "/etc/machine-id"
}
`,
      fixed: `{
  environment.persistence."/persist".files = [ { file = "/etc/machine-id"; method = "symlink"; } ];
}
`,
    },
    {
      title: "The home directory has no short name here",
      text: `{
  environment.persistence."/persist".directories = [ "~/.ssh" ];
  #                                                  ^^^^^^^^ treated as "/~/.ssh"
}
`,
    },
    {
      title: "A file of a home",
      text: `{
  environment.persistence."/persist".files = [ ".screenrc" ];
  #                                            ^^^^^^^^^^^ Put it into the list of a user
}
`,
    },
    {
      title: "In preservation",
      text: `{
  preservation.preserveAt."/persist".directories = [ "srv" ];
  #                                                  ^^^^^ treated as "/srv"
}
`,
      fixed: `{
  preservation.preserveAt."/persist".directories = [ "/srv" ];
}
`,
    },
    {
      title: "Paths of users are relative",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ "Documents" ];
  home.persistence."/persist".files = [ ".bash_history" ];
}
`,
    },
    {
      title: "Computed paths are not judged",
      text: `{ name, ... }:
{
  environment.persistence."/persist".directories = [ "\${name}/data" name ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  return writtenIn(context).flatMap((declared): Problem[] => {
    const { entry, list, block } = declared;
    if (list.scope.kind !== "system" || entry.written.startsWith("/")) return [];
    const path = normalise(`/${entry.written}`);
    // Hidden files lie in homes; below the root there are none.
    const isHome = /^(?:~(?:\/|$)|\.[^./])/.test(entry.written);
    return [
      {
        span: entry.pathSpan,
        message: `${shown(entry.written)} has no leading slash. It is ${consequence(declared, path)}. ${
          isHome ? "Put it into the list of a user." : `Write ${shown(path)}.`
        }`,
        ...(block.module === "preservation" ? { level: "hint" } : {}),
        fixes: isHome ? [] : safely(rewritePath(context.file.text, entry, `/${entry.written}`)),
      },
    ];
  });
}

function consequence({ block, entry }: Declared, path: string): string {
  const treated = `treated as ${shown(path)}`;
  const [first = "", ...rest] = entry.written.split("/");
  if (block.module === "preservation" || block.storagePath === null || rest.length === 0) return treated;
  return `${treated}, but its parents in the storage are created in the wrong place, ${shown(normalise(block.storagePath) + first)}`;
}
