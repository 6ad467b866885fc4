import path from "node:path";
import type { ListDeclaration } from "../persistence/model";
import { LineIndex } from "../syntax/lines";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { evaluatedHost, renderHost } from "./entriesEvaluated";
import { type Input, nixFilesOf, openService, readSource } from "./inputs";
import { paint, plural } from "./terminal";

const help = `Usage: tidemark entries [PATH…] [--json]
       tidemark entries [PATH] --host NAME --evaluate [--json]

Lists what Nix files persist. PATH is a file, or a folder with all below it; the current folder if none is given.

Options:
  --evaluate   ask the real Nix, too: list what a host persists beyond what its files show, and where they differ. PATH then lies in
               a flake. It runs the code of the flake and may download its inputs; nothing is built
  --host NAME  the host to evaluate, by its name in nixosConfigurations
  --json   print JSON: { "version": 1, "hosts": [], "declarations": [{ "file", "range", "module", "storagePath", "scope", "list",
           "entries": [{ "path", "kind", "range", "certainty", "conditional", "user", "group", "mode" }],
           "unknown": [{ "range", "reason" }] }] }; with --evaluate "hosts" is [{ "name", "entries": [{ "path", "kind", "certainty",
           "module", "storagePath", "scope", "user", "group", "mode" }], "differences": [{ "kind", "path", "reason", "file", "range" }],
           "fileSystems", "users", "services", "problem" }]

Exit code: 0, or 2 if it could not be done, or Nix could not evaluate a part.
`;

export const entries: Command = {
  name: "entries",
  summary: "list what Nix files persist",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "entries", {
      json: { type: "boolean" },
      evaluate: { type: "boolean" },
      host: { type: "string" },
    });
    const { host } = values;
    if ((host === undefined) !== (values.evaluate !== true))
      throw new CommandError("--host NAME and --evaluate go together: Nix evaluates one host.");
    const service = await openService();
    const [first = "."] = positionals;
    const evaluated = host === undefined ? null : await evaluatedHost(service, host, first);
    const given = nixFilesOf(positionals.length > 0 ? positionals : ["."]);
    const inputs = evaluated === null ? given : ofHost(given, evaluated.files);
    const declarations = inputs.flatMap((input) => {
      const file = readSource(service, input);
      const lines = new LineIndex(file.text);
      return file.persistence.blocks.flatMap((block) =>
        block.lists.map((list) => declarationOf(list, input.shown, lines, block.enabled)),
      );
    });
    service.dispose();
    const output = { version: 1, hosts: evaluated === null ? [] : [evaluated.output], declarations };
    const added = evaluated === null ? "" : renderHost(evaluated.output);
    process.stdout.write(values.json ? `${JSON.stringify(output, null, 2)}\n` : `${render(declarations)}${added}`);
    return evaluated === null || evaluated.output.problem === null ? 0 : 2;
  },
};

/** The inputs that belong to the host; files it imports from elsewhere are shown by their way from here. */
function ofHost(inputs: readonly Input[], files: readonly string[]): Input[] {
  return files.map(
    (name) => inputs.find((input) => input.name === name) ?? { name, shown: path.relative("", name) || name },
  );
}

function declarationOf(list: ListDeclaration, file: string, lines: LineIndex, enabled: boolean) {
  return {
    file,
    range: lines.range(list.span),
    module: list.module,
    storagePath: list.storagePath,
    scope: list.scope,
    list: list.list,
    entries: enabled
      ? list.entries.map((entry) => ({
          path: entry.path ?? entry.written,
          kind: entry.kind,
          range: lines.range(entry.span),
          certainty: entry.certainty,
          conditional: entry.conditional,
          user: entry.user,
          group: entry.group,
          mode: entry.mode,
        }))
      : [],
    unknown: list.unknown.map((part) => ({ range: lines.range(part.span), reason: part.reason })),
  };
}

function render(declarations: readonly ReturnType<typeof declarationOf>[]): string {
  let text = "";
  let count = 0;
  for (const { file, range, storagePath, scope, list, entries: found, unknown } of declarations) {
    const owner = scope.kind === "system" ? "system" : `user ${scope.user ?? "not known"}`;
    text += `${paint("bold", `${visible(file)}:${range.start.line + 1}`)}  ${storagePath ?? "storage not known"} · ${owner} · ${list}\n`;
    for (const entry of found) {
      const details = [entry.user, entry.group, entry.mode, entry.conditional ? "conditional" : null].filter(
        (detail) => detail !== null,
      );
      text += `  ${visible(entry.path)}${details.length > 0 ? paint("grey", `  ${details.join(" ")}`) : ""}\n`;
    }
    for (const part of unknown)
      text += paint("grey", `  line ${part.range.start.line + 1}: not known, ${part.reason}\n`);
    count += found.length;
  }
  return `${text}${text === "" ? "" : "\n"}${plural(count, "path")} in ${plural(declarations.length, "list")}.\n`;
}
