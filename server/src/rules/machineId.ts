import type { Problem, Rule, RuleContext } from "./rule";
import { writtenIn } from "./support/declared";
import { definitionsAt, isSure } from "./support/hostOptions";
import { mountInInitrd } from "./support/inInitrd";
import { removeEntry } from "./support/text";

export const rule: Rule = {
  id: "machine-id",
  level: "warning",
  title: "The machine's id does not stay, or has two owners",
  doc: `\`/etc/machine-id\` names the folder of the journal, and is in leases and much else. systemd reads it before anything else, and makes a new one when there is none.

- preservation mounts it too late unless \`inInitrd = true\` is set: systemd has made another id by then.
- Listed in \`directories\` it becomes a folder, and systemd goes on with an id that is lost at the reboot.
- Where \`environment.etc."machine-id"\` sets it, too, impermanence finds a file in its way and its unit fails ("A file already exists"). Keep one of the two.`,
  check,
  examples: [
    {
      title: "preservation without the initrd",
      text: `{
  preservation.preserveAt."/persist".files = [
    "/etc/machine-id"
  # ^^^^^^^^^^^^^^^^^ inInitrd = true
  ];
}
`,
      fixed: `{
  preservation.preserveAt."/persist".files = [
    { file = "/etc/machine-id"; inInitrd = true; }
  ];
}
`,
    },
    {
      title: "preservation, told so",
      text: `{
  preservation.preserveAt."/persist".files = [
    {
      file = "/etc/machine-id";
      #      ^^^^^^^^^^^^^^^^^ inInitrd = true
      inInitrd = false;
      how = "symlink";
    }
  ];
}
`,
      fixed: `{
  preservation.preserveAt."/persist".files = [
    {
      file = "/etc/machine-id";
      inInitrd = true;
      how = "symlink";
    }
  ];
}
`,
    },
    {
      title: "A set that says nothing of it, and one that is not known",
      text: `{ early, ... }:
{
  preservation.preserveAt."/persist".files = [
    { file = "/etc/machine-id"; how = "symlink"; }
    #        ^^^^^^^^^^^^^^^^^ inInitrd = true
  ];
  preservation.preserveAt."/state".files = [ { file = "/etc/machine-id"; inInitrd = early; } ];
}
`,
      fixed: `{ early, ... }:
{
  preservation.preserveAt."/persist".files = [
    { file = "/etc/machine-id"; inInitrd = true; how = "symlink"; }
  ];
  preservation.preserveAt."/state".files = [ { file = "/etc/machine-id"; inInitrd = early; } ];
}
`,
    },
    {
      title: "As a folder",
      text: `{
  environment.persistence."/persist".directories = [ "/etc/machine-id" ];
  #                                                  ^^^^^^^^^^^^^^^^^ \`files\`
}
`,
    },
    {
      title: "Two owners",
      text: `{
  environment.etc."machine-id".text = "fd605a1afeff4fffa51c501879853050";
  environment.persistence."/persist".files = [ "/etc/machine-id" ];
  #                                            ^^^^^^^^^^^^^^^^^ environment.etc
}
`,
      fixed: `{
  environment.etc."machine-id".text = "fd605a1afeff4fffa51c501879853050";
  environment.persistence."/persist".files = [ ];
}
`,
    },
    {
      title: "One owner",
      text: `{
  environment.persistence."/persist".files = [ "/etc/machine-id" ];
  preservation.preserveAt."/state".files = [ { file = "/etc/machine-id"; inInitrd = true; } ];
}
`,
    },
    {
      title: "A link to the storage's own copy, and a definition that is switched off",
      text: `{ lib, ... }:
{
  environment.etc."machine-id" = { enable = lib.mkForce false; source = "/persist/etc/machine-id"; };
  environment.persistence."/persist".files = [ "/etc/machine-id" ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { file } = context;
  const own = writtenIn(context).filter(({ path, block }) => path === "/etc/machine-id" && block.enabled);
  return own.flatMap((declared): Problem[] => {
    const { entry, block } = declared;
    const span = entry.pathSpan;
    if (entry.kind === "directory")
      return [
        {
          span,
          message:
            "`/etc/machine-id` is a file. As a folder it is of no use to systemd, which goes on with an id that is lost at the reboot. List it in `files`.",
        },
      ];
    if (block.module === "preservation") {
      const fixes = mountInInitrd(file.text, declared);
      if (fixes === null) return [];
      return [
        {
          span,
          message:
            "This mount comes too late: systemd has made another id by then, and the host gets a new one at each boot. Set `inInitrd = true`.",
          fixes,
        },
      ];
    }
    if (!isSetElsewhere(context)) return [];
    return [
      {
        span,
        message:
          '`environment.etc."machine-id"` sets this file as well, so impermanence finds it in its way and its unit fails: "A file already exists". Keep one of the two.',
        fixes: removeEntry(file.text, entry),
      },
    ];
  });
}

/** Whether the text of the file is set for sure; a link may well lead to the storage's own copy. */
function isSetElsewhere({ host }: RuleContext): boolean {
  const all = definitionsAt(host, ["environment", "etc", "machine-id"]);
  if (all.some(({ fact: { path } }) => path.length < 4 || path[3] === "enable" || path[3] === "source")) return false;
  return all.some((definition) => definition.fact.path[3] === "text" && isSure(definition));
}
