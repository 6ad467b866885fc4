import type { Value } from "../nix/value";
import type { PersistenceModule } from "../persistence/model";
import type { Span } from "../syntax/span";
import type { Problem, Rule, RuleContext } from "./rule";
import { isMarked, optionUses, valueSpan } from "./support/options";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "invalid-mode",
  level: "warning",
  title: "Not a file mode",
  doc: `A mode is a string: octal digits as in \`"0700"\`, or for impermanence also symbols as in \`"u=rwx,g=rx,o="\`.

- Without quotes it is a number, and evaluation refuses it (reported as an error).
- Any string is accepted by evaluation. One that is no mode fails only on the host, when the directory is created in the storage.

preservation hands the mode to systemd-tmpfiles, which reads octal digits only. Both accept one to five digits, up to \`"7777"\`.`,
  check,
  examples: [
    {
      title: "A number",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/root"; mode = 0700; }
    #                             ^^^^ must be a string
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    { directory = "/root"; mode = "0700"; }
  ];
}
`,
    },
    {
      title: "A number for a folder of a user's file",
      text: `{
  environment.persistence."/persist" = {
    users.josh.files = [
      {
        file = ".netrc";
        parentDirectory = { mode = 755; };
        #                          ^^^ must be a string
      }
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    users.josh.files = [
      {
        file = ".netrc";
        parentDirectory = { mode = "755"; };
      }
    ];
  };
}
`,
    },
    {
      title: "A number for such a folder, with a dotted name",
      text: `{
  environment.persistence."/persist".files = [
    { file = "/srv/data/key"; parentDirectory.mode = 700; }
    #                                                ^^^ must be a string
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".files = [
    { file = "/srv/data/key"; parentDirectory.mode = "700"; }
  ];
}
`,
    },
    {
      title: "A string that is no mode",
      text: `{
  home.persistence."/persist".directories = [
    { directory = ".ssh"; mode = "drwx------"; }
    #                            ^^^^^^^^^^^^ "drwx------" is not a mode
  ];
}
`,
    },
    {
      title: "Symbols in preservation",
      text: `{
  preservation.preserveAt."/persist".directories = [
    { directory = "/root"; mode = "u=rwx,g=rx,o="; }
    #                             ^^^^^^^^^^^^^^^ Write "0750"
  ];
}
`,
      fixed: `{
  preservation.preserveAt."/persist".directories = [
    { directory = "/root"; mode = "0750"; }
  ];
}
`,
    },
    {
      title: "Modes as they should be",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/a"; mode = "0700"; }
    { directory = "/b"; mode = "750"; }
    { directory = "/c"; mode = "1777"; }
    { directory = "/d"; mode = "u=rwx,g=rx,o="; }
    { directory = "/e"; mode = "a+rX,go-w"; }
    { directory = "/f"; mode = "00755"; }
    { directory = "/g"; mode = "=0700"; }
    { directory = "/h"; mode = "0"; }
  ];
}
`,
    },
    {
      title: "Computed modes are not judged",
      text: `{ mode, ... }:
{
  environment.persistence."/persist".directories = [
    { directory = "/root"; inherit mode; }
    { directory = "/srv"; mode = "0\${mode}"; }
  ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  return optionUses(context).flatMap(({ setting, spec, block }) => {
    const at = valueSpan(setting);
    return spec?.type === "mode" && at !== null ? checkMode(context.file.text, setting.value, at, block.module) : [];
  });
}

function checkMode(source: string, value: Value, span: Span, module: PersistenceModule): Problem[] {
  if (value.kind === "unknown" || value.kind === "function" || isMarked(value)) return [];
  if (value.kind === "integer") {
    const text = `"${value.text}"`;
    return [
      {
        span,
        level: "error",
        message: `A mode must be a string, but this is a number; evaluation fails. Write ${text}.`,
        fixes: [{ title: `Write ${text}`, edits: [{ span: value.span, text }], safe: true }],
      },
    ];
  }
  if (value.kind !== "string")
    return [
      { span, level: "error", message: 'A mode must be a string such as "0700"; evaluation fails with anything else.' },
    ];
  const wrong = problemWith(value.text, module);
  if (wrong === null) return [];
  const octal = module === "preservation" ? octalOf(value.text) : null;
  const isWritten = source.slice(value.span.start, value.span.end) === `"${value.text}"`;
  const fixes =
    octal !== null && isWritten
      ? [{ title: `Write "${octal}"`, edits: [{ span: value.span, text: `"${octal}"` }] }]
      : [];
  return [{ span, message: wrong, fixes }];
}

/** What symbols come to in octal digits; null for those that build upon an earlier mode. */
function octalOf(mode: string): string | null {
  const digits = new Map<string, number>();
  for (const clause of mode.split(",")) {
    const [, who, what] = /^([ugo]+|a)=([rwx]*)$/.exec(clause) ?? [];
    if (who === undefined || what === undefined) return null;
    const bits = (what.includes("r") ? 4 : 0) + (what.includes("w") ? 2 : 0) + (what.includes("x") ? 1 : 0);
    for (const one of who === "a" ? "ugo" : who) digits.set(one, bits);
  }
  return digits.size === 3 ? `0${digits.get("u")}${digits.get("g")}${digits.get("o")}` : null;
}

function problemWith(mode: string, module: PersistenceModule): string | null {
  const symbolic = /^[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+(?:,[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)*$/;
  const octal = /^[-+=]?([0-7]{1,5})$/.exec(mode)?.[1];
  const fits = octal !== undefined && Number.parseInt(octal, 8) <= 0o7777;
  if (mode.length > 64) return `${shown(mode)} is not a mode. Write octal digits such as "0700".`;
  if (module === "preservation") {
    if (mode === "-" || (fits && /^[0-7]/.test(mode)) || /^[~:]+[0-7]{3,4}$/.test(mode)) return null;
    const octal = octalOf(mode);
    const instead = octal === null ? 'a mode such as "0700"' : `"${octal}"`;
    return `${shown(mode)} is not understood by systemd-tmpfiles, which reads octal digits only. Write ${instead}.`;
  }
  if (fits || symbolic.test(mode)) return null;
  return `${shown(mode)} is not a mode; creating the path in the storage will fail. Write octal digits such as "0700", or "u=rwx,g=,o=".`;
}
