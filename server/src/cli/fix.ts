import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createTwoFilesPatch } from "diff";
import { lookup } from "../knowledge/advice";
import { persistEdits } from "../persistence/edit";
import type { HostFacts } from "../persistence/model";
import { defaultHome, isBelow, normalise } from "../persistence/paths";
import type { PersistTarget } from "../persistence/target";
import { soleOf } from "../service/hostPeople";
import { applyEdits } from "../syntax/span";
import { visible } from "../syntax/visible";
import { type Command, CommandError, readArguments } from "./command";
import { nixFilesOf, openService, readSource } from "./inputs";
import { paint } from "./terminal";

const help = `Usage: tidemark fix FILE --persist PATH… [--file PATH…] [--from REPORT] [--write]

Writes paths into the persistence lists of FILE, as a person would; prints the change as a unified diff.
Paths below /home/NAME go to that user's list.

Options:
  --persist PATH…  what to persist, absolute; a directory, unless the report or the catalog knows it as a file
  --file PATH      persist this as a file; may be repeated
  --from REPORT    take kind, owner and mode from a report of \`tidemark scan --json\` (- for standard input)
  --write          write FILE instead of printing the change

Exit code: 0, 1 if some path was refused, 2 if it could not be done.
`;

export const fix: Command = {
  name: "fix",
  summary: "write paths into the persistence lists of a file",
  help,
  async run(argv) {
    const { values, positionals } = readArguments(argv, "fix", {
      persist: { type: "string", multiple: true },
      file: { type: "string", multiple: true },
      from: { type: "string" },
      write: { type: "boolean" },
    });
    const [given, ...more] = positionals;
    const asked = [...(values.persist ?? []), ...more];
    const single = values.file ?? [];
    if (given === undefined)
      throw new CommandError("Which file? `tidemark fix FILE --persist PATH…`; `--help` explains.");
    if (values.persist === undefined && single.length === 0)
      throw new CommandError("Which paths? `tidemark fix FILE --persist PATH…`; `--help` explains.");
    if (statSync(given, { throwIfNoEntry: false })?.isDirectory())
      throw new CommandError(`${visible(given)} is a folder. Name the file to write to.`);
    const [input] = nixFilesOf([given]);
    if (input === undefined) throw new CommandError(`${visible(given)} does not exist.`);
    const service = await openService();
    const file = readSource(service, input);
    service.dispose();

    const { known, soleUser } = values.from === undefined ? nothingReported : readReport(values.from);
    const { facts, blocks } = file.persistence;
    const users = new Set(blocks.flatMap((block) => block.users.flatMap((part) => part.user ?? [])));
    const targets = [
      ...asked.map((wanted) => targetOf(wanted, null, known, facts, users)),
      ...single.map((wanted) => targetOf(wanted, "file", known, facts, users)),
    ];
    const { edits, refused } = persistEdits([file], targets, { soleUser });
    for (const { path: refusedPath, reason } of refused)
      process.stderr.write(`tidemark: ${visible(refusedPath)} is not written: ${reason}.\n`);
    const changes = edits.get(file.name) ?? [];
    if (changes.length > 0) {
      const text = applyEdits(file.text, changes);
      if (values.write) replaceFile(input.name, file.text, text);
      else process.stdout.write(unifiedDiff(input.shown, file.text, text));
    }
    return refused.length > 0 ? 1 : 0;
  },
};

interface Report {
  readonly known: ReadonlyMap<string, Reported>;
  /** The only person on the host, which tells whose `users.${primaryUser}` is. */
  readonly soleUser: string | null;
}
const nothingReported: Report = { known: new Map(), soleUser: null };

type Reported = Pick<PersistTarget, "kind" | "user" | "group" | "mode" | "homeOf">;

function targetOf(
  wanted: string,
  kind: PersistTarget["kind"] | null,
  known: ReadonlyMap<string, Reported>,
  facts: HostFacts,
  users: ReadonlySet<string>,
): PersistTarget {
  if (!wanted.startsWith("/"))
    throw new CommandError(`${visible(wanted)} is not an absolute path. Write it from /, as on the host.`);
  const path = normalise(wanted);
  const reported = known.get(path);
  const homeOf = reported?.homeOf ?? homeOfPath(path, facts, users);
  const catalogued = lookup(path, homeOf?.home ?? null);
  const type = catalogued?.exact ? catalogued.type : null;
  if (kind === null && reported === undefined && type === null)
    process.stderr.write(
      `tidemark: ${visible(path)} is taken for a directory. If it is a file, use --file, or --from with a scan's report.\n`,
    );
  return {
    path,
    kind: kind ?? reported?.kind ?? type ?? "directory",
    user: reported?.user ?? null,
    group: reported?.group ?? null,
    mode: reported?.mode ?? null,
    homeOf,
  };
}

/** The user whose home a path lies in: as the file states it, else NixOS's default place for the users it names, or any below /home. */
function homeOfPath(path: string, facts: HostFacts, users: ReadonlySet<string>): PersistTarget["homeOf"] {
  const [, guessed] = /^\/home\/([^/]+)\/./.exec(path) ?? [];
  const named = [...users].filter((user) => user !== "root");
  const assumed = [...named, ...(guessed === undefined ? [] : [guessed])].filter((user) => !facts.homes.has(user));
  const homes = [...facts.homes, ...assumed.map((user) => [user, defaultHome(user)] as const)];
  const [user, home] = homes.find(([, candidate]) => isBelow(path, candidate)) ?? [];
  return user === undefined || home === undefined ? null : { user, home };
}

function readReport(from: string): Report {
  try {
    const report = JSON.parse(readFileSync(from === "-" ? 0 : from, "utf8")) as {
      candidates?: unknown;
      people?: unknown;
    };
    if (!Array.isArray(report.candidates) || !report.candidates.every(isReported)) throw new TypeError("no candidates");
    const people = Array.isArray(report.people) ? report.people.filter((name) => typeof name === "string") : [];
    return {
      known: new Map(report.candidates.map((candidate) => [candidate.path, candidate])),
      soleUser: soleOf(people),
    };
  } catch (error) {
    throw new CommandError(`${from} is not a report of \`tidemark scan --json\`.`, { cause: error });
  }
}

function isReported(value: unknown): value is Reported & { path: string } {
  if (typeof value !== "object" || value === null) return false;
  const { path: reported, kind, user, group, mode, homeOf } = value as Record<string, unknown>;
  return (
    typeof reported === "string" &&
    (kind === "directory" || kind === "file") &&
    [user, group, mode].every((part) => typeof part === "string" || part === null) &&
    (homeOf === null || (typeof homeOf === "object" && "user" in homeOf && "home" in homeOf))
  );
}

/**
 * Replaces a file in one step: a crash leaves the old text or the new one, never a half. Links are followed; mode and owner are kept.
 * `before` is the text the edit was made for: a file that holds anything else (bytes that are no UTF-8, a change meanwhile) is left alone.
 */
function replaceFile(given: string, before: string, text: string): void {
  const name = realpathSync(given);
  const temporary = path.join(path.dirname(name), `.${path.basename(name)}.tidemark-${process.pid}`);
  try {
    if (!readFileSync(name).equals(Buffer.from(before)))
      throw new Error("it is not valid UTF-8, or changed while it was read");
    const { mode, uid, gid } = statSync(name);
    writeFileSync(temporary, text, { mode, flag: "wx" });
    chmodSync(temporary, mode);
    if (process.getuid?.() === 0) chownSync(temporary, uid, gid);
    renameSync(temporary, name);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${visible(given)} could not be written (${reason}). Nothing was changed.`, {
      cause: error,
    });
  }
}

function unifiedDiff(shown: string, before: string, after: string): string {
  const relative = shown.replace(/^\.?\//, "");
  const patch = createTwoFilesPatch(`a/${relative}`, `b/${relative}`, before, after, undefined, undefined, {
    context: 3,
  });
  return patch
    .replace(/^=+\n/, "")
    .split("\n")
    .map((line) => {
      if (/^(?:\+\+\+|---)/.test(line)) return paint("bold", line);
      if (line.startsWith("+")) return paint("green", line);
      if (line.startsWith("-")) return paint("red", line);
      return line.startsWith("@@") ? paint("cyan", line) : line;
    })
    .join("\n");
}
