import type { Candidate } from "../../../hosts/model";
import { type EditFile, placeOf } from "../../../persistence/edit";
import type { PersistTarget } from "../../../persistence/target";
import { recommended } from "../../../scan/report";
import type { LiveContext, LiveFix, LiveProblem, Place } from "../rule";

/** More quick fixes than this under one lightbulb help nobody. */
const maximumFixes = 50;

/** How a list of candidates is told. */
export interface Telling {
  readonly message: (candidate: Candidate) => string;
  readonly level: (candidate: Candidate) => LiveProblem["level"];
  /** Fixes of one path besides writing it. */
  readonly more: (candidate: Candidate) => readonly LiveFix[];
  /** About those that are not shown one by one; `more` is false where none is. */
  readonly counted: (count: number, more: boolean) => string;
}

/** The `limit` most important candidates each on the list it would be written to, the others as one counted line. */
export function candidateProblems(
  context: LiveContext,
  candidates: readonly Candidate[],
  telling: Telling,
): LiveProblem[] {
  const { limit } = context;
  const all = persistAll(context);
  const one = (candidate: Candidate): LiveProblem => {
    const place = placeFor(context, candidate);
    const level = telling.level(candidate);
    return {
      place,
      about: candidate.path,
      message: `${telling.message(candidate)}${sharingMessage(place?.file, alsoOn(context.files, place))}`,
      ...(level === undefined ? {} : { level }),
      fixes: [
        ...persistOne(context, candidate, alsoOn(context.files, place)),
        ...telling.more(candidate),
        ...all,
        ...ignoreFixes(context, candidate),
      ],
    };
  };
  const problems = candidates.slice(0, limit).map(one);
  const rest = candidates.slice(limit);
  const [first] = rest;
  if (first === undefined) return problems;
  const writing = rest
    .slice(0, maximumFixes)
    .flatMap((candidate) => persistOne(context, candidate, alsoOn(context.files, placeFor(context, candidate))));
  const level = telling.level(first);
  return [
    ...problems,
    {
      place: placeFor(context, first),
      message: telling.counted(rest.length, limit > 0),
      ...(level === undefined ? {} : { level }),
      fixes: [...writing, ...all],
    },
  ];
}

/** Where a candidate is shown: on the list it would go to, else at the beginning of the host's first file. */
function placeFor({ files, hints }: LiveContext, candidate: Candidate): Place | null {
  const place = placeOf(files, targetOf(candidate), hints);
  if (place !== null) return { file: place.name, span: place.span };
  const [first] = files;
  if (first === undefined) return null;
  return { file: first.name, span: { start: 0, end: Math.max(0, first.text.indexOf("\n")) } };
}

/** The other hosts that a place's file belongs to. */
function alsoOn(files: readonly EditFile[], place: Place | null): readonly string[] {
  return files.find((file) => file.name === place?.file)?.alsoOn ?? [];
}

/** What a title adds where an edit of a place changes other hosts, too. */
export function sharingNote({ files }: LiveContext, place: Place | null): string {
  const others = alsoOn(files, place);
  return others.length === 0 ? "" : ` (also on ${namesOf(others)})`;
}

/** More names than this make no title clearer. */
const maximumNames = 3;

function namesOf(hosts: readonly string[]): string {
  const more = hosts.length - maximumNames;
  if (more > 1) return `${hosts.slice(0, maximumNames).join(", ")} and ${more} more`;
  return hosts.length > 1 ? `${hosts.slice(0, -1).join(", ")} and ${hosts.at(-1)}` : hosts.join("");
}

/** What is written into a file of several hosts is persisted on all of them. */
function sharingMessage(name: string | undefined, others: readonly string[]): string {
  if (others.length === 0 || name === undefined) return "";
  const file = name.slice(name.lastIndexOf("/") + 1);
  return ` It would be written to ${file}, which ${namesOf(others)} ${others.length === 1 ? "uses" : "use"}, too.`;
}

function persistOne(context: LiveContext, candidate: Candidate, others: readonly string[]): LiveFix[] {
  if (candidate.unwritable !== null) return [];
  const title = `Persist ${candidate.path}${noteFor(context, others)}`;
  return [{ kind: "persist", title, targets: [targetOf(candidate)] }];
}

/** The fix that writes a path of the host where a person would. */
export function persistFix(context: LiveContext, target: PersistTarget, title: string): LiveFix {
  const place = placeOf(context.files, target, context.hints);
  const others = place === null ? [] : alsoOn(context.files, { file: place.name, span: place.span });
  return { kind: "persist", title: `${title}${noteFor(context, others)}`, targets: [target] };
}

/** For which host a title is, where more than one was scanned, and which others get the path, too. */
function noteFor({ scan, severalHosts }: LiveContext, others: readonly string[]): string {
  const notes = [...(severalHosts ? [scan.host] : []), ...(others.length === 0 ? [] : [`also on ${namesOf(others)}`])];
  return notes.length === 0 ? "" : ` (${notes.join(", ")})`;
}

/** For what nobody wants to decide about again. */
function ignoreFixes({ scan, hints }: LiveContext, { path }: Candidate): LiveFix[] {
  if (/[\n\r]/.test(path)) return [];
  return [
    { kind: "ignore", title: `Ignore ${path} on all hosts`, path, everywhere: true },
    { kind: "ignore", title: `Ignore ${path} on ${hints.host ?? scan.host}`, path, everywhere: false },
  ];
}

function persistAll(context: LiveContext): LiveFix[] {
  const { report, files, scan, severalHosts } = context;
  const taken = recommended(report);
  if (taken.length < 2) return [];
  const shown = new Set(report.candidates.filter(({ verdict }) => verdict !== "ignore").slice(0, context.limit));
  const isShared =
    files.some((file) => (file.alsoOn ?? []).length > 0) &&
    taken.some((candidate) => shown.has(candidate) && alsoOn(files, placeFor(context, candidate)).length > 0);
  const count = `${taken.length} paths${isShared ? ", some on other hosts, too" : ""}`;
  const title = `Persist all recommended (${count})${severalHosts ? ` (${scan.host})` : ""}`;
  return [{ kind: "persist", title, targets: taken.map(targetOf) }];
}

/** What an edit needs to know of a candidate. */
export function targetOf(candidate: Candidate): PersistTarget {
  const { path, kind, user, group, mode, homeOf } = candidate;
  return { path, kind, user, group, mode, homeOf };
}
