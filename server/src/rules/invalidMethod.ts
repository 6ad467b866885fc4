import { schemaOf } from "../persistence/schema";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { nearest } from "./support/nearest";
import { type OptionUse, optionUses, valueSpan } from "./support/options";
import { code, isStringLiteral, shown } from "./support/text";

export const rule: Rule = {
  id: "invalid-method",
  level: "error",
  title: "No such way to persist",
  doc: `How a path is brought to its place is one of a few words; evaluation refuses any other.

- impermanence, \`method\` of a file: \`"auto"\` (a bind mount when the file exists in the storage, else a link) or \`"symlink"\`
- preservation, \`how\` of a directory or file: \`"bindmount"\` or \`"symlink"\``,
  check,
  examples: [
    {
      title: "A misspelt method",
      text: `{
  environment.persistence."/persist".files = [
    { file = "/etc/machine-id"; method = "symlonk"; }
    #                                    ^^^^^^^^^ one of "auto", "symlink"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".files = [
    { file = "/etc/machine-id"; method = "symlink"; }
  ];
}
`,
    },
    {
      title: "In preservation",
      text: `{
  preservation.preserveAt."/persist" = {
    directories = [ { directory = "/srv"; how = "bind"; } ];
    #                                           ^^^^^^ one of "bindmount", "symlink"
  };
}
`,
      fixed: `{
  preservation.preserveAt."/persist" = {
    directories = [ { directory = "/srv"; how = "bindmount"; } ];
  };
}
`,
    },
    {
      title: "A user's file",
      text: `{
  environment.persistence."/persist".users.josh.files = [
    { file = ".bash_history"; method = "bindmount"; }
    #                                  ^^^^^^^^^^^ one of "auto", "symlink"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh.files = [
    { file = ".bash_history"; method = "auto"; }
  ];
}
`,
    },
    {
      title: "The words there are",
      text: `{
  environment.persistence."/persist".files = [ { file = "/etc/a"; method = "auto"; } ];
  preservation.preserveAt."/persist".files = [ { file = "/etc/b"; how = "symlink"; } ];
}
`,
    },
    {
      title: "A computed method is not judged",
      text: `{ config, method, ... }:
{
  environment.persistence."/persist".files = [
    { file = "/etc/a"; inherit method; }
    { file = "/etc/b"; method = config.method; }
  ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { file } = context;
  return optionUses(context).flatMap((use) => {
    const { setting, spec, name, block } = use;
    if (spec === null || typeof spec.type === "string" || setting.value.kind !== "string") return [];
    const { text, span } = setting.value;
    if (spec.type.includes(text) || isInternalChoice(use, text) || valueSpan(setting) === null) return [];
    const choices = spec.type.map((choice) => `"${choice}"`).join(", ");
    return [
      {
        span,
        message: `${shown(text)} is not a value of ${code(name)} in ${schemaOf(block.module).title}, so evaluation fails. Use one of ${choices}.`,
        fixes: fixesFor(file.text, use, text, spec.type),
      },
    ];
  });
}

/** preservation uses it for folders on the way to a preserved path, and accepts it. */
function isInternalChoice(use: OptionUse, text: string): boolean {
  return use.block.module === "preservation" && use.place === "directory" && text === "_intermediate";
}

/** The most similar word, or where none is similar, all of them to choose from. */
function fixesFor(text: string, use: OptionUse, written: string, choices: readonly string[]): Fix[] {
  const { span } = use.setting.value;
  if (!isStringLiteral(text.slice(span.start, span.end))) return [];
  const mounts = written.toLowerCase().startsWith("bind") ? choices.find((choice) => choice !== "symlink") : undefined;
  const links = written.toLowerCase().includes("link") ? choices.find((choice) => choice === "symlink") : undefined;
  const likely = mounts ?? links ?? nearest(written, choices);
  return (likely === null ? choices : [likely]).map((choice) => ({
    title: `Write "${choice}"`,
    edits: [{ span, text: `"${choice}"` }],
  }));
}
