import type { Problem, Rule, RuleContext } from "./rule";
import { writtenIn } from "./support/declared";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "root-level-path",
  level: "warning",
  title: "A file directly under the root",
  doc: `impermanence creates the folder a file lies in, and the folders above it. For a file directly under \`/\` it asks nixpkgs for a list of
\`-1\` folders: with a current nixpkgs the configuration then fails to evaluate (\`cannot create list of size -1\`), an older one accepts it.

Keep such a file in a folder, for example \`"/etc/machine-key.json"\`, and tell the program that reads it. Directories are not affected.`,
  check,
  examples: [
    {
      title: "A key under the root",
      text: `{
  environment.persistence."/persist".files = [ "/machine-key.json" ];
  #                                            ^^^^^^^^^^^^^^^^^^^ lies directly under the root
}
`,
    },
    {
      title: "As a set",
      text: `{
  environment.persistence."/persist" = {
    files = [
      "/etc/machine-id"
      { file = "/swapfile"; method = "symlink"; }
      #        ^^^^^^^^^^^ lies directly under the root
    ];
  };
}
`,
    },
    {
      title: "Files in folders, and directories",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/srv" "/root" ];
    files = [ "/etc/machine-id" { file = "/srv/key"; } ];
    users.josh.files = [ ".netrc" ];
  };
}
`,
    },
    {
      title: "preservation has no such limit",
      text: `{
  preservation.preserveAt."/persist".files = [ "/machine-key.json" ];
}
`,
    },
    {
      title: "A storage that is not in use",
      text: `{
  environment.persistence."/persist" = {
    enable = false;
    files = [ "/machine-key.json" ];
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  return writtenIn(context).flatMap(({ entry, list, block }): Problem[] => {
    const here = block.module === "impermanence" && list.scope.kind === "system" && entry.kind === "file";
    if (!here || !block.enabled || !/^\/+[^/]+$/.test(entry.written) || /^\/+\.{1,2}$/.test(entry.written)) return [];
    return [
      {
        span: entry.pathSpan,
        message: `${shown(entry.written)} lies directly under the root. With a current nixpkgs impermanence fails to evaluate such a file ("cannot create list of size -1"). Keep it in a folder, for example in /etc.`,
      },
    ];
  });
}
