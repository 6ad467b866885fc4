import type { Example, Rule } from "./rule";

/** The page of rules, as Markdown: a table, how to change levels, and a section with its id as anchor for each rule. */
export function rulesPage(rules: readonly Rule[]): string {
  const rows = rules.map((rule) => `| [\`${rule.id}\`](#${rule.id}) | ${rule.level} | ${rule.title} |`);
  return `${[
    "# Rules",
    "What Tidemark says about the text of a configuration. An *error* is what evaluation or an assertion refuses, a *warning* is what " +
      "evaluates but does not do what was meant, a *hint* is advice. A rule that meets something it does not understand is silent.",
    ["| rule | level | says |", "| --- | --- | --- |", ...rows].join("\n"),
    "## Changing levels",
    "Each rule can be set to `error`, `warning`, `info`, `hint` or `off` by its id in the settings. In a file, a comment silences a rule for " +
      "its line, for the line below it, or for the whole file when it stands in the comment the file begins with:",
    [
      "```nix",
      "# tidemark-ignore-file covered-by-parent",
      "{",
      '  environment.persistence."/persist".directories = [',
      '    "/opt/" # tidemark-ignore unnormalised-path',
      "    # tidemark-ignore relative-system-path, unnormalised-path",
      '    "srv/"',
      "  ];",
      "}",
      "```",
    ].join("\n"),
    "A line inside of a string, such as a script, has no place for a comment: there it stands at the line the string begins on, or above that.",
    ...rules.map(section),
  ].join("\n\n")}\n`;
}

function section(rule: Rule): string {
  const reported = rule.examples.filter(({ text }) => isReported(text));
  const silent = rule.examples.filter(({ text }) => !isReported(text));
  return [
    `## ${rule.id}`,
    `**${rule.title}** (${rule.level})`,
    rule.doc,
    ...reported.map(example),
    ...(silent.length === 0 ? [] : ["Nothing is reported here:", ...silent.map(example)]),
  ].join("\n\n");
}

function isReported(text: string): boolean {
  return /^ *# *\^/m.test(text);
}

function example({ title, text, fixed }: Example): string {
  const shown = `${title}:\n\n\`\`\`nix\n${text}\`\`\``;
  return fixed === undefined ? shown : `${shown}\n\nAfter the fix:\n\n\`\`\`nix\n${fixed}\`\`\``;
}
