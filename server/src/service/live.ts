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
  // The lightbulb of a file that two hosts share has to say for which of them a path is persisted.
  const suffix = severalHosts ? ` (${report.host})` : "";
  const worth = report.candidates.filter((candidate) => candidate.verdict !== "ignore");
  const all = persistAll(report, suffix);
  const findings: FileFinding[] = [];
  for (const candidate of worth.slice(0, limit)) {
    const place = placeFor(files, candidate, hints);
    if (place?.name !== name) continue;
    findings.push({
      code: "unpersisted",
      level,
      span: place.span,
      message: messageOf(report.host, candidate),
      related: [],
      tags: [],
      actions: [...persistOne(report.host, candidate, suffix), ...all],
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
      message: countedMessage(report.host, rest, limit > 0),
      related: [],
      tags: [],
      actions: [
        ...rest.slice(0, maximumActions).flatMap((candidate) => persistOne(report.host, candidate, suffix)),
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

function persistOne(host: string, candidate: Candidate, suffix: string): Action[] {
  if (candidate.unwritable !== null) return [];
  return [{ kind: "persist", title: `Persist ${visible(candidate.path)}${suffix}`, host, paths: [candidate.path] }];
}

function persistAll(report: ScanReport, suffix: string): Action[] {
  const paths = recommended(report).map((candidate) => candidate.path);
  if (paths.length < 2) return [];
  return [
    { kind: "persist", title: `Persist all recommended (${paths.length} paths)${suffix}`, host: report.host, paths },
  ];
}

function messageOf(host: string, candidate: Candidate): string {
  const what =
    candidate.status === "lost"
      ? `${candidate.path} was lost at the last boot of ${host}`
      : `${candidate.path} would be lost at the next reboot of ${host}`;
  const unwritable = candidate.unwritable === null ? "" : ` It cannot be written here: ${candidate.unwritable}.`;
  return visible(`${what}: ${candidate.reason}${unwritable}`);
}

function countedMessage(host: string, rest: readonly Candidate[], more: boolean): string {
  const count = rest.length;
  const paths = count === 1 ? "path" : "paths";
  return `${count} ${more ? "more " : ""}${paths} would be lost at the next reboot of ${host}. The quick fixes list ${count === 1 ? "it" : "them"}.`;
}

/** What the edit needs to know of a candidate. */
export function targetOf(candidate: Candidate): PersistTarget {
  const { path, kind, user, group, mode, homeOf } = candidate;
  return { path, kind, user, group, mode, homeOf };
}
