import type { LiveExample, LiveRule } from "./live/rule";
import type { Example, Rule } from "./rule";

/** The page of rules, as Markdown: a table, how to change levels, and a section with its id as anchor for each rule. */
export function rulesPage(rules: readonly Rule[], live: readonly LiveRule[]): string {
  const row = (rule: Rule | LiveRule) => `| [\`${rule.id}\`](#${rule.id}) | ${rule.level} | ${rule.title} |`;
  return `${[
    "# Rules",
    "What Tidemark says about the text of a configuration. An *error* is what evaluation or an assertion refuses, a *warning* is what " +
      "evaluates but does not do what was meant, a *hint* is advice. A rule that meets something it does not understand is silent.",
    ["| rule | level | says |", "| --- | --- | --- |", ...rules.map(row)].join("\n"),
    "After a scan, rules compare what is declared with what the host runs from and what its storage holds:",
    ["| live rule | level | says |", "| --- | --- | --- |", ...live.map(row)].join("\n"),
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
    "# Live rules",
    "What Tidemark says about a host that was scanned. Nothing here changes a host: where something has to be done on it, the fix shows " +
      "the commands, which overwrite nothing. What a scan could not find out is not judged.",
    hostNotation,
    ...live.map(section),
  ].join("\n\n")}\n`;
}

const hostNotation =
  "In the examples each line is one thing the host has: `/var/lib/x/` a folder and `/var/lib/x/db 300` a file of 300 bytes on its root, " +
  "`/persist/…` the same in the storage (where a folder is empty unless the line says `full`), with owner and mode where they matter, `3d` " +
  "for something last changed three days ago, `lost` for what only the older root has, `mounted` for a path the storage is mounted on.";

function section(rule: Rule | LiveRule): string {
  const examples: readonly (Example | LiveExample)[] = rule.examples;
  const reported = examples.filter(({ text }) => isReported(text));
  const silent = examples.filter(({ text }) => !isReported(text));
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

function example(given: Example | LiveExample): string {
  const { title, text, fixed } = given;
  return [
    `${title}:\n\n${fenced("nix", text)}`,
    ...("host" in given ? [`On the host:\n\n${fenced("text", given.host.trimStart())}`] : []),
    ...(fixed === undefined ? [] : [`After the fix:\n\n${fenced("nix", fixed)}`]),
    ...("commands" in given ? [`The commands:\n\n${fenced("sh", given.commands.trimStart())}`] : []),
  ].join("\n\n");
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\`\`\``;
}
