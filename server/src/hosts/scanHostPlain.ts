import { printable } from "./failures";
import { decodeBytes } from "./mountinfo";
import { compareLimits, comparisonOf, comparisonReader } from "./oldRoot";
import type { HostConnection, Log } from "./port";
import { walkFailed } from "./probeFailures";
import { pruneTree } from "./probePrune";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import type { Facts } from "./recordsFacts";
import { plainReader } from "./recordsPlain";
import type { TreeBuilder } from "./treeBuilder";

/** Reading a host that lacks the GNU tools, with those of BusyBox or POSIX: slower, and without names that have a line break. */

export interface PlainScan {
  readonly facts: Facts;
  readonly flavour: "stat" | "ls";
  readonly builder: TreeBuilder;
  readonly now: number | null;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface PlainWalk {
  readonly side: "live" | "old";
  /** Byte strings. */
  readonly folder: string;
  readonly prune: readonly string[];
  onPaths(more: number): void;
}

export interface PlainWalked {
  /** Raw, relative to the folder. */
  readonly unread: readonly Buffer[];
  readonly omitted: number;
  /** What find printed where it could not read something that it should. */
  readonly errors: readonly string[];
}

/** Walks one root. Rejects with HostError. */
export async function walkPlain(
  connection: HostConnection,
  { facts, flavour, builder, now, elevate, signal, log }: PlainScan,
  { side, folder, prune, onPaths }: PlainWalk,
): Promise<PlainWalked> {
  const unread: Buffer[] = [];
  const asRoot = facts.uid === 0 || facts.sudo === "root" || facts.sudo === "sudo";
  const reader = plainReader({
    builder,
    side,
    flavour,
    pruned: pruneTree(prune),
    now: now ?? Date.now() / 1000,
    mayRead: (uid, gid, mode) => asRoot || bitsFor(facts, uid, gid, mode) === 5,
    onUnread: (node) => unread.push(builder.relativePath(node)),
  });
  const { status, result } = await runProbe(connection, {
    task: { what: "plain", parameters: [flavour, folder, ...prune.flatMap(globOf)], elevate },
    signal,
    log,
    onRecord(bytes, from, to) {
      onPaths(1);
      reader.onRecord(bytes, from, to);
    },
  });
  if (status > 0) throw walkFailed(connection.description, decodeBytes(folder), result, status);
  reader.finish();
  const errors = reader.failed && unread.length === 0 ? [printable(result.stderr)] : [];
  return { unread, omitted: reader.omitted, errors };
}

/** The bits for reading and entering a folder that this user has; 5 for both. */
function bitsFor(facts: Facts, uid: number, gid: number, mode: number): number {
  const shift = uid === facts.uid ? 6 : facts.memberOf.includes(gid) ? 3 : 0;
  return (mode >> shift) & 5;
}

/** For `find -path`. What has a line break in its name is left out anyway. */
function globOf(path: string): string[] {
  return path.includes("\n") ? [] : [`.${path.replace(/[\\*?[]/g, "\\$&")}`];
}

/** So many files are compared where each takes a process. */
const mostFiles = 20_000;

/** Settles the files with the same size and mode in both roots. Returns how many were not read because of the limits. */
export async function comparePlain(
  connection: HostConnection,
  { builder, elevate, signal, log }: PlainScan,
  { live, old, onDone }: { readonly live: string; readonly old: string; onDone(files: number): void },
): Promise<number> {
  const comparison = comparisonOf(builder, { ...compareLimits, files: mostFiles });
  if (comparison.nodes.length === 0) return comparison.skipped;
  const reader = comparisonReader(comparison, builder, onDone);
  onDone(0);
  const { status, result } = await runProbe(connection, {
    task: { what: "equal", parameters: [live, old], elevate, list: comparison.paths },
    signal,
    log,
    onRecord: reader.onRecord,
  });
  if (status > 1) throw walkFailed(connection.description, decodeBytes(old), result, status);
  reader.finish();
  return comparison.skipped;
}
