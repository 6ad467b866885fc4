import type { Level } from "../rules/rule";
import { LineIndex } from "../syntax/lines";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { nixFilesOf, openService, readSource } from "./inputs";
import { levelColours, paint, plural } from "./terminal";

const help = `Usage: tidemark check [PATH…] [--json]

Checks the persistence blocks of Nix files. PATH is a file, or a folder with all below it; the current folder if none is given.
Connects nowhere and evaluates nothing.

Options:
  --json   print the findings as JSON: { "version": 1, "findings": [{ "file", "range", "code", "level", "message", "fixes" }] }

Exit code: 0 without errors, 1 with errors, 2 if it could not be done.
`;

interface Row {
  readonly file: string;
  readonly range: ReturnType<LineIndex["range"]>;
  readonly code: string;
  readonly level: Level;
  readonly message: string;
  readonly fixes: readonly string[];
}

export const check: Command = {
  name: "check",
  summary: "check the persistence blocks of Nix files",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "check", { json: { type: "boolean" } });
    const inputs = nixFilesOf(positionals.length > 0 ? positionals : ["."]);
    if (inputs.length === 0)
      throw new CommandError(`There is no .nix file in ${positionals.join(", ") || "this folder"}.`);
    const service = await openService();
    const rows = inputs.flatMap((input): Row[] => {
      const lines = new LineIndex(readSource(service, input).text);
      return service.findings(input.name).map((finding) => ({
        file: input.shown,
        range: lines.range(finding.span),
        code: finding.code,
        level: finding.level,
        message: finding.message,
        fixes: finding.actions.map((action) => action.title),
      }));
    });
    service.dispose();
    process.stdout.write(
      values.json ? `${JSON.stringify({ version: 1, findings: rows }, null, 2)}\n` : render(rows, inputs.length),
    );
    return rows.some((row) => row.level === "error") ? 1 : 0;
  },
};

function render(rows: readonly Row[], files: number): string {
  let text = "";
  let file = "";
  for (const row of rows) {
    if (row.file !== file) text += `${text === "" ? "" : "\n"}${paint("bold", visible(row.file))}\n`;
    file = row.file;
    const place = `${row.range.start.line + 1}:${row.range.start.character + 1}`.padEnd(7);
    text += `  ${place} ${paint(levelColours[row.level], row.level.padEnd(7))} ${visible(row.message)} ${paint("grey", row.code)}\n`;
    const [fix] = row.fixes;
    if (fix !== undefined) text += `${" ".repeat(18)}${paint("grey", `fix: ${visible(fix)}`)}\n`;
  }
  const count = (level: Level) => rows.filter((row) => row.level === level).length;
  const counts = [plural(count("error"), "error"), plural(count("warning"), "warning")];
  const advice = count("info") + count("hint");
  if (advice > 0) counts.push(plural(advice, "hint"));
  return `${text}${text === "" ? "" : "\n"}${plural(files, "file")} checked: ${rows.length === 0 ? "nothing to say" : counts.join(", ")}.\n`;
}
