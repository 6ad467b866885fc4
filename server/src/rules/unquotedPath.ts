import type { PathValue } from "../nix/value";
import type { ListDeclaration } from "../persistence/model";
import { normalise } from "../persistence/paths";
import { contains } from "../syntax/span";
import { quote } from "../syntax/strings";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { optionUses, ownElements, trustedBlocks, valueSpan } from "./support/options";
import { code, safely, shown } from "./support/text";

export const rule: Rule = {
  id: "unquoted-path",
  level: "error",
  title: "A path without quotes",
  doc: `Without quotes a path is a Nix path: a file of the machine that evaluates the configuration. As an entry of a list it is imported like
a module, as the \`directory\` or \`file\` of an entry it is not a string. Both fail, often with a message about a file that does not exist.
Paths of entries are strings.`,
  check,
  examples: [
    {
      title: "In a list",
      text: `{
  environment.persistence."/persist".directories = [ /var/log "/var/lib/nixos" ];
  #                                                  ^^^^^^^^ has no quotes
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/nixos" ];
}
`,
    },
    {
      title: "In an entry",
      text: `{
  preservation.preserveAt."/persist" = {
    files = [
      { file = /etc/machine-id; inInitrd = true; }
      #        ^^^^^^^^^^^^^^^ \`file\` must be a string
    ];
  };
}
`,
      fixed: `{
  preservation.preserveAt."/persist" = {
    files = [
      { file = "/etc/machine-id"; inInitrd = true; }
    ];
  };
}
`,
    },
    {
      title: "A path of a user's home",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    ~/.ssh
  # ^^^^^^ Write ".ssh"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh.directories = [
    ".ssh"
  ];
}
`,
    },
    {
      title: "A path relative to the file",
      text: `{
  home.persistence."/persist".directories = [ ./Documents ];
  #                                           ^^^^^^^^^^^ has no quotes
}
`,
      fixed: `{
  home.persistence."/persist".directories = [ "Documents" ];
}
`,
    },
    {
      title: "Paths in quotes",
      text: `{
  environment.persistence."/persist" = {
    persistentStoragePath = /persist;
    directories = [ "/var/log" ''/srv'' ];
  };
}
`,
    },
    {
      title: "What is computed is not judged",
      text: `{ config, ... }:
{
  environment.persistence."/persist".directories = [ config.services.x.dataDir ] ++ map toString [ /var/log ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { file } = context;
  const elements = trustedBlocks(context).flatMap((block) =>
    block.lists.flatMap((list) =>
      ownElements(list).flatMap((value): Problem[] => {
        if (value.kind !== "path") return [];
        const message = `${code(value.text)} has no quotes, so Nix takes it for a module to import, and evaluation fails.`;
        return [problemAt(file.text, value, message, list.scope.kind)];
      }),
    ),
  );
  const settings = optionUses(context).flatMap(({ setting, place, name, block }): Problem[] => {
    const { value } = setting;
    if (value.kind !== "path" || name !== place || valueSpan(setting) === null) return [];
    const list = block.lists.find(({ span }) => contains(span, setting.span));
    const message = `${code(name)} must be a string, but ${code(value.text)} has no quotes, and evaluation fails.`;
    return [problemAt(file.text, value, message, list?.scope.kind ?? "system")];
  });
  return [...elements, ...settings];
}

function problemAt(text: string, value: PathValue, message: string, scope: ListDeclaration["scope"]["kind"]): Problem {
  const path = pathMeant(value.text, scope);
  if (path === null) return { span: value.span, message };
  const raw = text.slice(value.span.start, value.span.end);
  const fixes: Fix[] =
    raw === value.text ? [{ title: "Add quotes", edits: [{ span: value.span, text: quote(path) }] }] : [];
  // What a path relative to the file was meant to be is a guess.
  const sure = value.text.startsWith("/") ? safely(fixes) : fixes;
  return { span: value.span, message: `${message} Write ${shown(path)}.`, fixes: sure };
}

/** The string that was meant; null where a path relative to the file or to some home makes no sense in a system list. */
function pathMeant(written: string, scope: "system" | "user"): string | null {
  if (/^\.\.?\//.test(written) || written.startsWith("~/")) {
    if (scope === "system" || written.startsWith("..")) return null;
    return normalise(written.replace(/^[.~]\/+/, ""));
  }
  return normalise(written);
}
