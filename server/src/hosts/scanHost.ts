import path from "node:path";
import { printable } from "./failures";
import type { HostScan, NodeId } from "./model";
import { decodeBytes, encodeBytes, toMount } from "./mountinfo";
import type { HostConnection, Log } from "./port";
import { HostError } from "./port";
import { noRoot, toolsMissing, walkFailed } from "./probeFailures";
import { prunePatterns, pruneTree } from "./probePrune";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import { type ConfiguredPaths, readDeployed } from "./readDeployed";
import { type Facts, factsReader } from "./recordsFacts";
import { walkReader } from "./recordsWalk";
import { compareContents } from "./scanHostCompare";
import { layoutOf, type Situation, shownPath, situationOf } from "./scanHostLayout";
import { notesOf } from "./scanHostNotes";
import { findPlaces, type Places } from "./scanHostPlaces";
import { scanPlain } from "./scanHostPlain";
import { readElevated, type SudoChoice } from "./scanHostSudo";
import { compareZfs } from "./scanHostZfs";
import { freezeTree } from "./tree";
import { TreeBuilder } from "./treeBuilder";
import { isZfsSnapshot } from "./zfsSnapshots";

export interface ScanProgress {
  /** Paths read in both roots; while comparing, files compared. */
  readonly paths: number;
  readonly phase: "reading" | "comparing";
}

export interface ScanOptions {
  /** Name of the host for the result. */
  readonly host: string;
  /**
   * Folder on the host that holds the root to scan, absolute; `/` where left out. A folder with a recorded `proc` in it
   * (ordinary files `proc/self/mountinfo` and `proc/stat`) is taken as the root those files tell of; else the mounts are the host's own.
   */
  readonly root?: string;
  /** The only folder to look for older roots in, absolute on the host, or the zfs snapshot to compare with; where left out, the usual places. */
  readonly snapshots?: string;
  readonly sudo?: SudoChoice;
  /** What the configuration keeps, given what the host says of itself: these paths and storages are looked at besides those that are mounted. */
  readonly configured?: (known: Pick<HostScan, "host" | "name" | "users">) => ConfiguredPaths;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Called about every 100 ms. */
  onProgress(progress: ScanProgress): void;
}

const nothingConfigured: ConfiguredPaths = { storages: [], directories: [], files: [] };

/** A list of mounts may be long; this is no path. */
const factLimit = 16 << 20;

/**
 * Reads a host: its mounts, users, every path on its ephemeral root, and what became of them since the newest older root.
 * Reads only. Rejects with HostError; a folder that cannot be read is no error but listed in `unread`.
 */
export async function scanHost(connection: HostConnection, options: ScanOptions): Promise<HostScan> {
  const root = absolute(options.root ?? "/");
  const snapshots = options.snapshots === undefined ? null : folderOrSnapshot(options.snapshots);
  const progress = progressEvery(100, options.onProgress);
  progress.now({ paths: 0, phase: "reading" });

  const { facts, elevate } = await readElevated(connection, options.sudo, options.signal, (rights) =>
    readFacts(connection, root, rights, options),
  );
  requireRoot(connection, root, facts);
  const situation = situationOf(facts);
  const { signal: cancel, log } = options;
  const places = await findPlaces(connection, { situation, facts, snapshots, elevate, signal: cancel, log });
  const layout = layoutOf(facts, situation, places);
  if (facts.plain !== null && facts.lacking.length > 0) {
    const { builder, unread, ...found } = await scanPlain(connection, {
      facts,
      flavour: facts.plain,
      layout,
      now: places.answer.now,
      elevate,
      signal: cancel,
      log,
      onRead: (paths) => progress.soon(() => ({ paths, phase: "reading" })),
      onCompared: (paths) => progress.soon(() => ({ paths, phase: "comparing" })),
    });
    return assemble(options, facts, situation, places, {
      deployed: null,
      blank: blankOf(places, facts),
      tree: freezeTree(builder, { lost: places.old.usable.length > 0 }),
      unread: [...unread].sort(),
      notes: notesOf(facts, { situation, places, snapshots, ...found }),
    });
  }
  const builder = new TreeBuilder(layout.old !== null);
  const unread = new Set<string>();
  const errors: string[] = [];
  let paths = 0;

  // The walk is what a scan costs, and two side by side take little longer than one.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const walk = async (side: "live" | "old", folder: string, prune: readonly string[], shown: string): Promise<void> => {
    const unreadNodes: NodeId[] = [];
    const reader = walkReader({ builder, side, pruned: pruneTree(prune), onUnread: (node) => unreadNodes.push(node) });
    try {
      const { status, result } = await runProbe(connection, {
        task: { what: "walk", parameters: [folder, ...prunePatterns(prune)], elevate },
        signal,
        log: options.log,
        onRecord(bytes, from, to) {
          paths += 1;
          reader.onRecord(bytes, from, to);
        },
        onChunk: () => progress.soon(() => ({ paths, phase: "reading" })),
      });
      // find ends with 1 where it could not read something, and goes on.
      if (status > 1) throw walkFailed(connection.description, decodeBytes(folder), result, status);
      if (status === 1) errors.push(printable(result.stderr));
      reader.finish();
    } catch (error) {
      stop.abort(error);
      throw error;
    }
    const base = shown === "/" ? "" : shown;
    for (const node of unreadNodes) unread.add(`${base}/${builder.relativePath(node).toString("utf8")}`);
  };
  const walks = [walk("live", facts.root, layout.prune, "/")];
  if (layout.old !== null) walks.push(walk("old", layout.old.folder, layout.old.prune, layout.old.shown));
  // Beside the walk, which takes longer.
  const deployed = readDeployed(connection, {
    root: facts.root,
    situation,
    users: facts.users,
    groups: facts.groups,
    configured: options.configured?.({ host: options.host, ...facts }) ?? nothingConfigured,
    elevate,
    signal,
    log: options.log,
  });
  walks.push(deployed.then(() => undefined));
  await settled(walks);

  const skipped =
    layout.old === null
      ? 0
      : await compareContents(connection, {
          builder,
          live: facts.root,
          old: layout.old.folder,
          elevate,
          signal: options.signal,
          log: options.log,
          onDone: (files) => progress.soon(() => ({ paths: files, phase: "comparing" })),
        });
  const zfs = await compareZfs(connection, { facts, situation, places, builder, elevate, signal: cancel, log });
  return assemble(options, facts, situation, places, {
    deployed: await deployed,
    blank: zfs.compared ?? blankOf(places, facts),
    // What only the empty root has, comes back at boot.
    tree: freezeTree(builder, { lost: places.old.usable.length > 0 }),
    unread: [...unread].sort(),
    notes: [...notesOf(facts, { situation, places, snapshots, skipped, errors, omitted: 0 }), ...zfs.notes],
  });
}

/** What the probe says about a host before it walks. */
export async function readFacts(
  connection: HostConnection,
  root: string,
  elevate: Elevation,
  options: Pick<ScanOptions, "signal" | "log">,
): Promise<Facts> {
  const reader = factsReader();
  await runProbe(connection, {
    task: { what: "facts", parameters: [encodeBytes(root)], elevate },
    signal: options.signal,
    log: options.log,
    onRecord: reader.onRecord,
    limit: factLimit,
  });
  return reader.read();
}

/** Throws HostError where the root cannot be scanned. */
function requireRoot(connection: HostConnection, root: string, facts: Facts): void {
  if (facts.lacking.length > 0 && facts.plain === null) throw toolsMissing(connection.description, facts.lacking);
  if (facts.problem !== null) throw noRoot(connection.description, root, facts.problem, facts.login);
}

function assemble(
  options: ScanOptions,
  facts: Facts,
  { mounts, bootTime }: Situation,
  { root, ephemeral, old }: Places,
  found: Pick<HostScan, "tree" | "unread" | "notes" | "deployed" | "blank">,
): HostScan {
  const prefix = absolute(options.root ?? "/");
  const oldRoots = old.usable.map(({ folder }) => shownPath(folder, facts.root));
  return {
    ...(prefix === "/" ? {} : { prefix }),
    host: options.host,
    name: facts.name,
    root,
    bootTime,
    mounts: mounts.map(toMount),
    ephemeralMounts: ephemeral.map(decodeBytes),
    users: facts.users,
    groups: facts.groups,
    tree: found.tree,
    oldRoot: oldRoots[0] ?? null,
    oldRoots,
    blank: found.blank,
    unread: found.unread,
    notes: found.notes,
    deployed: found.deployed,
  };
}

/** The empty root that was walked in the place of an older one. */
function blankOf({ old }: Places, facts: Facts): string | null {
  return old.usable.length > 0 || old.blank === null ? null : shownPath(old.blank, facts.root);
}

function folderOrSnapshot(named: string): string {
  return isZfsSnapshot(named) ? named : absolute(named);
}

function absolute(folder: string): string {
  if (!folder.startsWith("/") || folder.includes("\0")) {
    throw new HostError(
      "bad-destination",
      `"${printable(folder)}" is not an absolute path.`,
      "Write the whole path from / on the host.",
    );
  }
  const normal = path.posix.normalize(folder);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Waits for all, so that nothing runs on unseen, then fails with the first failure. */
async function settled(walks: readonly Promise<void>[]): Promise<void> {
  let failed = false;
  let first: unknown;
  const watch = (error: unknown): void => {
    if (!failed) first = error;
    failed = true;
  };
  await Promise.all(walks.map((each) => each.catch(watch)));
  if (failed) throw first;
}

function progressEvery(milliseconds: number, report: (progress: ScanProgress) => void) {
  let last = 0;
  let phase: ScanProgress["phase"] | null = null;
  const now = (progress: ScanProgress): void => {
    last = Date.now();
    phase = progress.phase;
    report(progress);
  };
  return {
    now,
    soon(progress: () => ScanProgress): void {
      const next = progress();
      if (Date.now() - last >= milliseconds || next.phase !== phase) now(next);
    },
  };
}
