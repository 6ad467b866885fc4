// What Tidemark reads against what a person read: one JSON file for each repository, named as its folder.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Declaration, Measured } from "./measure";

/** How far one has to look to know: in the file, in the repository, in an option's default upstream, or only by evaluation. */
type Reach = "same-file" | "repository" | "upstream-default" | "evaluation";

interface TrueElement {
  /** As the list has it once evaluated: relative for a user's. */
  readonly path: string;
  readonly conditional: boolean;
  readonly in?: Reach;
}

export interface TrueDeclaration {
  readonly file: string;
  /** Of the list's name, from 1. */
  readonly line: number;
  readonly module: string;
  readonly storagePath: string | null;
  readonly storageIn?: Reach;
  /** `system`, or whose list it is; a user of null depends on the host. */
  readonly scope: "system" | { readonly user: string | null; readonly in?: Reach };
  readonly list: string;
  readonly elements: readonly TrueElement[];
  readonly undecidable: readonly { readonly text: string; readonly reason: string }[];
  readonly resolvableIn: Reach;
}

/** Lines that say what is missing, invented or wrong, and how much was compared. */
export function compare(all: readonly Measured[], folder: string): string {
  const lines: string[] = [];
  const totals = { declarations: 0, missing: 0, invented: 0, elements: 0, wrong: 0 };
  const lost = new Map<Reach, { found: number; missing: number }>();
  for (const { repository, declarations } of all) {
    const name = path.join(folder, `${repository.name}.json`);
    if (!existsSync(name)) continue;
    const truth: TrueDeclaration[] = JSON.parse(readFileSync(name, "utf8"));
    totals.declarations += truth.length;
    const { pairs, missing, invented } = pair(truth, declarations);
    totals.missing += missing.length;
    totals.invented += invented.length;
    const at = (each: { file: string; line: number }): string => `${repository.name}/${each.file}:${each.line}`;
    for (const each of missing) lines.push(`MISSING ${at(each)} ${each.list} (${each.resolvableIn})`);
    for (const each of invented)
      lines.push(`INVENTED ${at(each)} ${each.list} ${each.elements.map((e) => e.path).join(" ")}`);
    for (const [wanted, got] of pairs) {
      for (const difference of differences(wanted, got)) lines.push(`WRONG ${at(wanted)} ${difference}`);
      const paths = new Set(got.elements.map((each) => each.path));
      const expected = new Set(wanted.elements.map((each) => each.path));
      for (const element of wanted.elements) {
        totals.elements++;
        const reach = element.in ?? "same-file";
        const counts = lost.get(reach) ?? { found: 0, missing: 0 };
        lost.set(reach, counts);
        if (paths.has(element.path)) counts.found++;
        else {
          counts.missing++;
          lines.push(`ELEMENT MISSING ${at(wanted)} ${element.path} (${reach})`);
        }
      }
      // What a person could not decide, evaluation or the repository may.
      if (wanted.undecidable.length === 0)
        for (const extra of paths) {
          if (expected.has(extra)) continue;
          totals.wrong++;
          lines.push(`ELEMENT WRONG ${at(wanted)} ${extra}`);
        }
    }
  }
  const reached = [...lost].map(([reach, { found, missing }]) => `${reach} ${found} of ${found + missing}`);
  return [
    `against the truth: ${totals.declarations} declarations, ${totals.missing} missing, ${totals.invented} invented`,
    `elements: ${totals.elements}, ${totals.wrong} wrong; found by where they can be known: ${reached.join(", ")}`,
    ...lines,
  ].join("\n");
}

/** Each true declaration with the one read at its place; what has no partner is missing or invented. */
function pair(truth: readonly TrueDeclaration[], read: readonly Declaration[]) {
  const left = new Set(read);
  const pairs: [TrueDeclaration, Declaration][] = [];
  const missing: TrueDeclaration[] = [];
  const take = (wanted: TrueDeclaration, fits: (each: Declaration) => boolean): boolean => {
    const got = [...left].find((each) => each.file === wanted.file && each.list === wanted.list && fits(each));
    if (got === undefined) return false;
    left.delete(got);
    pairs.push([wanted, got]);
    return true;
  };
  const byLine = truth.filter(
    (wanted) => !take(wanted, (each) => each.line === wanted.line && sameOwner(wanted, each)),
  );
  const loosely = byLine.filter((wanted) => !take(wanted, (each) => each.line === wanted.line));
  // A list that a function makes may be noted at its call.
  for (const wanted of loosely) {
    const near = (each: Declaration): boolean => sameOwner(wanted, each) && each.storagePath === wanted.storagePath;
    if (!take(wanted, near)) missing.push(wanted);
  }
  return { pairs, missing, invented: [...left] };
}

const userOf = (declaration: TrueDeclaration): string | null | undefined =>
  declaration.scope === "system" ? undefined : declaration.scope.user;

const sameOwner = (wanted: TrueDeclaration, got: Declaration): boolean =>
  wanted.module === got.module && userOf(wanted) === got.user?.name;

/** What was read and is not so. What was not read is no difference, but for what the file itself says. */
function differences(wanted: TrueDeclaration, got: Declaration): string[] {
  const found: string[] = [];
  if (wanted.module !== got.module) found.push(`module ${got.module}, is ${wanted.module}`);
  const inFile = (reach: Reach | undefined): boolean => (reach ?? "same-file") === "same-file";
  const owner = userOf(wanted);
  if ((owner === undefined) !== (got.user === null))
    found.push(`scope is ${owner === undefined ? "system" : "a user"}`);
  else if (got.user !== null && got.user.name !== owner && (got.user.name !== null || inFile(reachOfUser(wanted))))
    found.push(`user ${got.user.name}, is ${owner}`);
  const { storagePath } = got;
  if (storagePath !== wanted.storagePath && (storagePath !== null || inFile(wanted.storageIn)))
    found.push(`storage ${storagePath} (${got.storageReason}), is ${wanted.storagePath}`);
  const conditional = new Map(got.elements.map((each) => [each.path, each.conditional]));
  for (const element of wanted.elements) {
    const read = conditional.get(element.path);
    if (read !== undefined && read !== element.conditional)
      found.push(`${element.path} is ${element.conditional ? "conditional" : "unconditional"}`);
  }
  return found;
}

const reachOfUser = (wanted: TrueDeclaration): Reach | undefined =>
  wanted.scope === "system" ? undefined : wanted.scope.in;
