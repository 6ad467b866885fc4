import type { EvaluatedEntry } from "../evaluation/model";
import type { HostScan, ScanReport } from "../hosts/model";
import type { Coverage } from "../persistence/coverage";
import type { EditFile } from "../persistence/edit";
import { normalise } from "../persistence/paths";
import type { LiveContext, LiveFinding, LiveFix, LiveStorage, Place } from "../rules/live/rule";
import type { SourceFile } from "../rules/rule";
import type { Action, FileFinding } from "./findings";
import type { HostPeople } from "./hostPeople";
import { liveEntries } from "./liveEntries";
import type { FoundHost } from "./projects";

/** A scanned host and what is known of its configuration. */
export interface LiveHost {
  readonly scan: HostScan;
  readonly scannedAt: number | null;
  readonly people: HostPeople;
  readonly report: ScanReport;
  readonly coverage: Coverage;
  /** The host as its repository evaluates it, else null. */
  readonly found: FoundHost | null;
  readonly files: readonly SourceFile[];
  /** The same files with the other hosts that use them. */
  readonly shared: readonly EditFile[];
  /** What only Nix knows to be persisted. */
  readonly added: readonly EvaluatedEntry[];
  /** Paths that the text declares and Nix does not: something there does not apply to this host. */
  readonly doubtful: ReadonlySet<string>;
  /** Whether all of the configuration is known. */
  readonly whole: boolean;
  readonly severalHosts: boolean;
  readonly limit: number;
}

/** What live rules compare. */
export function liveContext(host: LiveHost): LiveContext {
  const { scan, scannedAt, report, coverage, shared, whole, severalHosts, limit, people } = host;
  const entries = liveEntries(host.found, host.files, people, host.added).map((entry) =>
    host.doubtful.has(entry.path) ? { ...entry, conditional: true } : entry,
  );
  const all = [...coverage.storages, ...entries.flatMap(({ storagePath }) => storagePath ?? [])];
  // What is kept in the root itself is no storage.
  const paths = all.filter((path) => path.startsWith("/") && path !== "/");
  return {
    scan,
    scannedAt,
    report,
    entries,
    storages: [...new Set(paths)].map((path): LiveStorage => ({ path, place: storagePlace(host.files, path) })),
    coverage,
    whole: whole && host.files.every(({ persistence }) => persistence.syntaxError === null),
    files: shared,
    hints: people.hints,
    severalHosts,
    limit,
  };
}

/** The first block that sets a storage. */
function storagePlace(files: readonly SourceFile[], path: string): Place | null {
  for (const { name, persistence } of files) {
    const block = persistence.blocks.find(
      ({ storagePath, enabled, forwarded }) =>
        enabled && forwarded !== true && storagePath !== null && normalise(storagePath) === path,
    );
    if (block !== undefined) return { file: name, span: block.nameSpan };
  }
  return null;
}

/** What live rules found, as findings of one file. */
export function fromLive(host: string, found: readonly LiveFinding[], name: string): FileFinding[] {
  return found.flatMap(({ code, level, place, message, fixes }): FileFinding[] => {
    if (place?.file !== name) return [];
    const actions = (fixes ?? []).map((fix) => actionOf(host, fix));
    return [{ code, level, span: place.span, message, related: [], tags: [], actions }];
  });
}

/** Rules that a scanned host has better evidence for: what they say of a place is then not told twice. */
const supposed: ReadonlyMap<string, string> = new Map([["dynamic-user-state", "dynamic-user-link"]]);

/** Whether a live finding tells with the host's evidence what a rule says of the same place by the text alone. */
export function isShown({ code, span }: FileFinding, live: readonly FileFinding[]): boolean {
  const shown = supposed.get(code);
  return shown !== undefined && live.some((one) => one.code === shown && one.span.start === span.start);
}

function actionOf(host: string, fix: LiveFix): Action {
  switch (fix.kind) {
    case "edits":
      return { ...fix, safe: false, preferred: false };
    case "persist":
      return { kind: "persist", title: fix.title, host, paths: fix.targets.map(({ path }) => path) };
    case "ignore":
      return { ...fix, host };
    case "commands":
      return fix;
  }
}
