import { printable } from "./failures";
import type { NodeId } from "./model";
import { decodeBytes } from "./mountinfo";
import { compareLimits, comparisonOf, comparisonReader } from "./oldRoot";
import type { HostConnection, Log } from "./port";
import { walkFailed } from "./probeFailures";
import { globOf, pruneTree } from "./probePrune";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import type { PlainTools } from "./recordsDeployed";
import type { Facts } from "./recordsFacts";
import { plainReader } from "./recordsPlain";
import type { Layout } from "./scanHostLayout";
import { TreeBuilder } from "./treeBuilder";

/** Reading a host that lacks the GNU tools, with those of BusyBox or POSIX: slower, and without names that have a line break. */

/** What the host is read with, where that is not the GNU tools; `now` is its clock, null where not known. */
export function plainTools({ plain, lacking }: Facts, now: number | null): PlainTools | null {
  return plain === null || lacking.length === 0 ? null : { flavour: plain, now: now ?? Date.now() / 1000 };
}

export interface PlainScan {
  readonly facts: Facts;
  readonly tools: PlainTools;
  readonly layout: Layout;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Paths read so far. */
  onRead(paths: number): void;
  /** Files compared so far. */
  onCompared(files: number): void;
}

export interface PlainResult {
  readonly builder: TreeBuilder;
  /** Folders that could not be read. */
  readonly unread: ReadonlySet<string>;
  /** Names that could not be told apart, left out with what is below them. */
  readonly omitted: number;
  /** What find printed where it could not read something that it should. */
  readonly errors: readonly string[];
  /** Files too large or too many to compare. */
  readonly skipped: number;
}

/** Walks the root, then the older one, and compares. Rejects with HostError. */
export async function scanPlain(connection: HostConnection, scan: PlainScan): Promise<PlainResult> {
  const { facts, layout } = scan;
  const builder = new TreeBuilder(layout.old !== null);
  const unread = new Set<string>();
  const errors: string[] = [];
  let omitted = 0;
  let paths = 0;
  const walk = async (side: "live" | "old", folder: string, prune: readonly string[], shown: string): Promise<void> => {
    const nodes: NodeId[] = [];
    const asRoot = facts.uid === 0;
    const reader = plainReader({
      builder,
      side,
      flavour: scan.tools.flavour,
      pruned: pruneTree(prune),
      now: scan.tools.now,
      mayRead: (uid, gid, mode) => asRoot || bitsFor(facts, uid, gid, mode) === 5,
      onUnread: (node) => nodes.push(node),
    });
    // What has a line break in its name is left out anyway.
    const named = prune.filter((path) => !path.includes("\n"));
    const { status, result } = await runProbe(connection, {
      task: { what: "plain", parameters: [scan.tools.flavour, folder, ...named.map(globOf)], elevate: scan.elevate },
      signal: scan.signal,
      log: scan.log,
      onRecord(bytes, from, to) {
        paths += 1;
        reader.onRecord(bytes, from, to);
      },
      onChunk: () => scan.onRead(paths),
    });
    if (status > 0) throw walkFailed(connection.description, decodeBytes(folder), result, status);
    reader.finish();
    omitted += reader.omitted;
    if (reader.failed && nodes.length === 0) errors.push(printable(result.stderr));
    const base = shown === "/" ? "" : shown;
    for (const node of nodes) unread.add(`${base}/${builder.relativePath(node).toString("utf8")}`);
  };
  await walk("live", facts.root, layout.prune, "/");
  if (layout.old !== null) await walk("old", layout.old.folder, layout.old.prune, layout.old.shown);
  const skipped = layout.old === null ? 0 : await compare(connection, scan, builder, layout.old.folder);
  return { builder, unread, omitted, errors, skipped };
}

/** The bits for reading and entering a folder that this user has; 5 for both. */
function bitsFor(facts: Facts, uid: number, gid: number, mode: number): number {
  const shift = uid === facts.uid ? 6 : facts.memberOf.includes(gid) ? 3 : 0;
  return (mode >> shift) & 5;
}

/** So many files are compared where each takes a process. */
const mostFiles = 20_000;

/** Settles the files with the same size and mode in both roots. Returns how many were not read because of the limits. */
async function compare(
  connection: HostConnection,
  { facts, elevate, signal, log, onCompared }: PlainScan,
  builder: TreeBuilder,
  old: string,
): Promise<number> {
  const comparison = comparisonOf(builder, { ...compareLimits, files: mostFiles });
  if (comparison.nodes.length === 0) return comparison.skipped;
  const reader = comparisonReader(comparison, builder, onCompared);
  onCompared(0);
  const { status, result } = await runProbe(connection, {
    task: { what: "equal", parameters: [facts.root, old], elevate, list: comparison.paths },
    signal,
    log,
    onRecord: reader.onRecord,
  });
  if (status > 1) throw walkFailed(connection.description, decodeBytes(old), result, status);
  reader.finish();
  return comparison.skipped;
}
