import type { Candidate, ScanReport } from "../hosts/model";
import { type EditFile, type EditHints, placeOf } from "../persistence/edit";
import type { PersistTarget } from "../persistence/target";
import { recommended } from "../scan/report";
import type { Span } from "../syntax/span";
import { visible } from "../syntax/visible";
import type { Action, FileFinding } from "./findings";

/** More quick fixes than this under one lightbulb help nobody. */
const maximumActions = 50;

export interface LiveOptions {
  /** How many paths are shown one by one. */
  readonly limit: number;
  readonly level: FileFinding["level"];
  readonly hints: EditHints;
  /** Whether more than one host was scanned. */
  readonly severalHosts: boolean;
}

/**
 * The paths a host would lose, as findings of one of its files: the `limit` most important ones each on the list it would be
 * written to, the others as one counted line. Pure; asked again after each edit.
 */
export function liveFindings(
  report: ScanReport,
  files: readonly EditFile[],
  name: string,
  { limit, level, hints, severalHosts }: LiveOptions,
): FileFinding[] {
  const worth = report.candidates.filter((candidate) => candidate.verdict !== "ignore");
  const shown = worth.slice(0, limit).map((candidate) => ({ candidate, place: placeFor(files, candidate, hints) }));
  const inTitle = severalHosts ? report.host : null;
  const taken = new Set(recommended(report));
  const isShared = shown.some(({ candidate, place }) => taken.has(candidate) && alsoOn(files, place?.name).length > 0);
  const all = persistAll(report, isShared, inTitle);
  const findings: FileFinding[] = [];
  for (const { candidate, place } of shown) {
    if (place?.name !== name) continue;
    const others = alsoOn(files, name);
    findings.push({
      code: "unpersisted",
      level,
      span: place.span,
      message: `${messageOf(report, candidate)}${sharingMessage(name, others)}`,
      related: [],
      tags: [],
      actions: [...persistOne(report.host, candidate, inTitle, others), ...all],
    });
  }
  const rest = worth.slice(limit);
  const [first] = rest;
  const place = first === undefined ? null : placeFor(files, first, hints);
  if (first !== undefined && place?.name === name) {
    findings.push({
      code: "unpersisted",
      level,
      span: place.span,
      message: countedMessage(report, rest, limit > 0),
      related: [],
      tags: [],
      actions: [
        ...rest.slice(0, maximumActions).flatMap((candidate) => {
          const others = alsoOn(files, placeFor(files, candidate, hints)?.name);
          return persistOne(report.host, candidate, inTitle, others);
        }),
        ...all,
      ],
    });
  }
  return findings;
}

/** Where a candidate is shown: on the list it would go to, else at the beginning of the host's first file. */
function placeFor(
  files: readonly EditFile[],
  candidate: Candidate,
  hints: EditHints,
): { name: string; span: Span } | null {
  const place = placeOf(files, targetOf(candidate), hints);
  if (place !== null) return place;
  const [first] = files;
  return first === undefined
    ? null
    : { name: first.name, span: { start: 0, end: Math.max(0, first.text.indexOf("\n")) } };
}

/** The other hosts that a file belongs to. */
function alsoOn(files: readonly EditFile[], name: string | undefined): readonly string[] {
  return files.find((file) => file.name === name)?.alsoOn ?? [];
}

/** More names than this make no title clearer. */
const maximumNames = 3;

function namesOf(hosts: readonly string[]): string {
  const more = hosts.length - maximumNames;
  if (more > 1) return `${hosts.slice(0, maximumNames).join(", ")} and ${more} more`;
  return hosts.length > 1 ? `${hosts.slice(0, -1).join(", ")} and ${hosts.at(-1)}` : hosts.join("");
}

/** What is written into a file of several hosts is persisted on all of them. */
function sharingMessage(name: string, others: readonly string[]): string {
  if (others.length === 0) return "";
  const file = name.slice(name.lastIndexOf("/") + 1);
  return visible(
    ` It would be written to ${file}, which ${namesOf(others)} ${others.length === 1 ? "uses" : "use"}, too.`,
  );
}

/** `host` is given where the title has to say for which host a path is persisted: more than one was scanned. */
function persistOne(host: string, candidate: Candidate, inTitle: string | null, others: readonly string[]): Action[] {
  if (candidate.unwritable !== null) return [];
  const notes = [
    ...(inTitle === null ? [] : [inTitle]),
    ...(others.length === 0 ? [] : [`also on ${namesOf(others)}`]),
  ];
  const note = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return [{ kind: "persist", title: visible(`Persist ${candidate.path}${note}`), host, paths: [candidate.path] }];
}

function persistAll(report: ScanReport, isShared: boolean, inTitle: string | null): Action[] {
  const paths = recommended(report).map((candidate) => candidate.path);
  if (paths.length < 2) return [];
  const count = `${paths.length} paths${isShared ? ", some on other hosts, too" : ""}`;
  const title = `Persist all recommended (${count})${inTitle === null ? "" : ` (${inTitle})`}`;
  return [{ kind: "persist", title, host: report.host, paths }];
}

function messageOf({ host, inventory }: ScanReport, candidate: Candidate): string {
  const { path, status } = candidate;
  const lost = status === "lost";
  const what = inventory
    ? lost
      ? `${path} is in the older root of ${host} and not there now`
      : `${path} is state on ${host} that no entry persists`
    : lost
      ? `${path} was lost at the last boot of ${host}`
      : `${path} would be lost at the next reboot of ${host}`;
  const unwritable = candidate.unwritable === null ? "" : ` It cannot be written here: ${candidate.unwritable}.`;
  return visible(`${what}: ${candidate.reason}${unwritable}`);
}

function countedMessage({ host, inventory }: ScanReport, rest: readonly Candidate[], more: boolean): string {
  const count = rest.length;
  const one = count === 1;
  const what = inventory
    ? `${one ? "is" : "are"} state on ${host} that no entry persists`
    : `would be lost at the next reboot of ${host}`;
  return `${count} ${more ? "more " : ""}${one ? "path" : "paths"} ${what}. The quick fixes list ${one ? "it" : "them"}.`;
}

/** What the edit needs to know of a candidate. */
export function targetOf(candidate: Candidate): PersistTarget {
  const { path, kind, user, group, mode, homeOf } = candidate;
  return { path, kind, user, group, mode, homeOf };
}
