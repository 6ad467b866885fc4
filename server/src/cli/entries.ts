import path from "node:path";
import type { Entry } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import { type Declaration, type Declarations, declarationsIn, declarationsOf } from "../service/declarations";
import type { Tidemark } from "../service/tidemark";
import { LineIndex } from "../syntax/lines";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { evaluatedHost, renderHost } from "./entriesEvaluated";
import { type Input, nixFilesOf, openService, readSource } from "./inputs";
import { paint, plural } from "./terminal";

const help = `Usage: tidemark entries [PATH…] [--host NAME [--evaluate]] [--json]

Lists what Nix files persist, as far as it can be told without running Nix. PATH is a file, or a folder with all below it; the current
folder if none is given.

Options:
  --host NAME   exactly what the host NAME of the flake at PATH persists, whichever files it comes from
  --evaluate    ask the real Nix, too: what the host persists beyond that, and where they differ. It runs the code of the flake and may
                download its inputs; nothing is built
  --json        print JSON: { "version": 1, "hosts": [names], "declarations": [{ "file", "range", "module", "storagePath", "scope", "list",
                "entries": [{ "path", "kind", "range", "certainty", "conditional", "user", "group", "mode", "origin"? }],
                "unknown": [{ "range", "reason" }], "hosts"? }], "unknown": [{ "file", "range", "reason" }] };
                "origin" is { "file", "range" } of an entry that is written in another file, "hosts" are those that share a file;
                with --evaluate also "evaluated": { "name", "entries": [{ "path", "kind", "certainty", "module", "storagePath", "scope",
                "user", "group", "mode" }], "differences": [{ "kind", "path", "reason", "file", "range" }], "fileSystems", "users",
                "services", "problem" }

Exit code: 0, or 2 if it could not be done, or Nix could not evaluate a part.
`;

export const entries: Command = {
  name: "entries",
  summary: "list what Nix files persist",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "entries", {
      json: { type: "boolean" },
      host: { type: "string" },
      evaluate: { type: "boolean" },
    });
    if (values.evaluate === true && values.host === undefined)
      throw new CommandError("--evaluate needs --host NAME: Nix evaluates one host.");
    const given = positionals.length > 0 ? positionals : ["."];
    const service = await openService();
    service.folders = given.map((one) => path.resolve(one));
    const report = new Report(service, given);
    const asksNix = values.evaluate === true;
    const found = values.host === undefined ? inFiles(service, given) : ofHost(service, values.host, given, asksNix);
    const [first = "."] = given;
    const { evaluate, host } = values;
    const evaluated = evaluate === true && host !== undefined ? await evaluatedHost(service, host, first) : null;
    const output = report.of(found);
    service.dispose();
    if (values.json === true)
      process.stdout.write(`${JSON.stringify(evaluated === null ? output : { ...output, evaluated }, null, 2)}\n`);
    else process.stdout.write(`${render(output)}${evaluated === null ? "" : renderHost(evaluated)}`);
    return evaluated === null || evaluated.problem === null ? 0 : 2;
  },
};

function inFiles(service: Tidemark, given: readonly string[]): Declarations {
  return filesAsRead(
    service,
    nixFilesOf(given).map((input) => readSource(service, input)),
  );
}

function filesAsRead(service: Tidemark, files: readonly SourceFile[]): Declarations {
  return declarationsIn(
    files.map((file) => service.readFile(file)),
    service.broughtFrom,
  );
}

/** Nix may know a host that is not found without it; then the files named after it have to do. */
function ofHost(service: Tidemark, name: string, given: readonly string[], asksNix: boolean): Declarations {
  const inside = given.map(insideOf);
  const found = service.hostNamed(name, inside);
  if (found === null && asksNix) return filesAsRead(service, service.hosts.filesFor(name, inside[0] ?? null));
  if (found === null) {
    const names = service.projects.hosts.map((host) => host.name);
    const known = names.length === 0 ? "None is known there." : `Known are: ${names.join(", ")}.`;
    throw new CommandError(`There is no host ${visible(name)} in ${given.join(", ")}. ${known}`);
  }
  return declarationsOf(found.host, service.filesOfConfiguration(found));
}

/** A file that the repository is looked for from. */
function insideOf(given: string): string {
  const [first] = nixFilesOf([given]);
  return first?.name ?? path.resolve(given, "flake.nix");
}

interface Place {
  readonly file: string;
  readonly range: ReturnType<LineIndex["range"]>;
}

/** Declarations as they are printed. */
class Report {
  readonly #lines = new Map<string, LineIndex>();
  readonly #shown: ReadonlyMap<string, string>;

  constructor(
    private readonly service: Tidemark,
    private readonly given: readonly string[],
  ) {
    this.#shown = new Map(nixFilesOf(given).map(({ name, shown }: Input) => [name, shown]));
  }

  of({ declarations, unknown }: Declarations) {
    const shown = declarations.map((one) => this.#declaration(one));
    return {
      version: 1,
      hosts: this.service.projects.hosts.map(({ name }) => name),
      declarations: shown,
      unknown: unknown.map(({ file, span, reason }) => ({
        file: this.#name(file.name),
        range: this.#linesOf(file.name, file.text).range(span),
        reason,
      })),
    };
  }

  #declaration({ file, list, entries: found }: Declaration) {
    const lines = this.#linesOf(file.name, file.text);
    return {
      file: this.#name(file.name),
      range: lines.range(list.span),
      module: list.module,
      storagePath: list.storagePath,
      scope: list.scope,
      list: list.list,
      entries: found.map((entry) => this.#entry(entry, lines)),
      unknown: list.unknown.map((part) => ({ range: lines.range(part.span), reason: part.reason })),
      ...this.#sharing(file.name),
    };
  }

  /** The hosts a file belongs to, where there are several. */
  #sharing(file: string): { readonly hosts?: readonly string[] } {
    const hosts = (this.service.projects.modelOf(file)?.hostsOf(file) ?? []).map(({ name }) => name);
    return hosts.length > 1 ? { hosts } : {};
  }

  #entry(entry: Entry, lines: LineIndex) {
    return {
      path: entry.path ?? entry.written,
      kind: entry.kind,
      range: lines.range(entry.span),
      certainty: entry.certainty,
      conditional: entry.conditional,
      user: entry.user,
      group: entry.group,
      mode: entry.mode,
      ...this.#origin(entry),
    };
  }

  /** Where an entry is written, if that is in another file. */
  #origin({ origin }: Entry): { readonly origin?: Place } {
    const text = origin === undefined ? null : (this.service.files.alone(origin.file)?.text ?? null);
    if (origin === undefined || text === null) return {};
    return { origin: { file: this.#name(origin.file), range: this.#linesOf(origin.file, text).range(origin.span) } };
  }

  /** The path in the form the user gave. */
  #name(file: string): string {
    const [first = "."] = this.given;
    return this.#shown.get(file) ?? path.join(first, path.relative(path.resolve(first), file));
  }

  #linesOf(file: string, text: string): LineIndex {
    let lines = this.#lines.get(file);
    if (lines === undefined) {
      lines = new LineIndex(text);
      this.#lines.set(file, lines);
    }
    return lines;
  }
}

function render({ declarations, unknown }: ReturnType<Report["of"]>): string {
  let text = "";
  let count = 0;
  for (const { file, range, storagePath, scope, list, entries: found, unknown: parts, hosts } of declarations) {
    const owner = scope.kind === "system" ? "system" : `user ${scope.user ?? "not known"}`;
    const on = hosts !== undefined ? paint("grey", `  on ${hosts.map(visible).join(", ")}`) : "";
    const storage = storagePath === null ? "storage not known" : visible(storagePath);
    text += `${paint("bold", `${visible(file)}:${range.start.line + 1}`)}  ${storage} · ${visible(owner)} · ${list}${on}\n`;
    for (const entry of found) {
      const from = entry.origin === undefined ? null : `from ${entry.origin.file}:${entry.origin.range.start.line + 1}`;
      const details = [entry.user, entry.group, entry.mode, entry.conditional ? "conditional" : null, from].filter(
        (detail) => detail !== null,
      );
      text += `  ${visible(entry.path)}${details.length > 0 ? paint("grey", `  ${visible(details.join(" "))}`) : ""}\n`;
    }
    for (const part of parts)
      text += paint("grey", `  line ${part.range.start.line + 1}: not known, ${visible(part.reason)}\n`);
    count += found.length;
  }
  for (const { file, range, reason } of unknown)
    text += `${paint("bold", `${visible(file)}:${range.start.line + 1}`)}  ${paint("grey", `not known, ${visible(reason)}`)}\n`;
  return `${text}${text === "" ? "" : "\n"}${plural(count, "path")} in ${plural(declarations.length, "list")}.\n`;
}
