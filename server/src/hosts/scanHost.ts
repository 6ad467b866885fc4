import path from "node:path";
import { printable } from "./failures";
import type { HostScan, HostUser, ScanCost } from "./model";
import { decodeBytes, encodeBytes, toMount } from "./mountinfo";
import type { HostConnection, Log } from "./port";
import { HostError } from "./port";
import { noRoot, toolsMissing } from "./probeFailures";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import { type ConfiguredPaths, readDeployed } from "./readDeployed";
import { walksFor } from "./recordsCapacity";
import { type Facts, factsReader } from "./recordsFacts";
import { compareContents } from "./scanHostCompare";
import { layoutOf, type Situation, shownPath, situationOf } from "./scanHostLayout";
import { notesOf } from "./scanHostNotes";
import { findPlaces, type Places } from "./scanHostPlaces";
import { plainTools, scanPlain } from "./scanHostPlain";
import { readElevated, type SudoChoice } from "./scanHostSudo";
import { type WalkedRoot, walkRoots } from "./scanHostWalk";
import { compareZfs } from "./scanHostZfs";
import { settled } from "./settled";
import { counted } from "./traffic";
import { freezeTree } from "./tree";
import { TreeBuilder } from "./treeBuilder";
import { usualOwners } from "./usualOwners";
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
   * (ordinary files `proc/self/mountinfo` and `proc/stat`, and `proc/births` with what `stat -c '%W %Z %n'` said of the root's folders) is taken
   * as the root those files tell of; else the mounts are the host's own.
   */
  readonly root?: string;
  /** The only folder to look for older roots in, absolute on the host, or the zfs snapshot to compare with; where left out, the usual places. */
  readonly snapshots?: string;
  readonly sudo?: SudoChoice;
  /** Walks side by side; where left out, as many as the host has processors to spare for, at most two. */
  readonly walks?: 1 | 2;
  /** What the configuration keeps, given what the host says of itself: these paths and storages are looked at besides those that are mounted. */
  readonly configured?: (known: Pick<HostScan, "host" | "name" | "users">) => ConfiguredPaths;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly firstLook?: FirstLook;
  /** Called about every 100 ms. */
  onProgress(progress: ScanProgress): void;
}

/** What is told before all is read; nothing is where the host's find cannot be asked step by step. */
export interface FirstLook {
  /** Whether the first levels of this folder of the root, absolute, are waited for. They are read before others. */
  holds(folder: string, users: readonly HostUser[]): boolean;
  /**
   * Called once, early: the first levels of those folders are read, all folders that many programs share among them. The tree is good
   * only during the call, and without what is deeper.
   */
  onRead(outline: Pick<HostScan, "tree" | "users">): void;
}

const nothingConfigured: ConfiguredPaths = { storages: [], directories: [], files: [] };

/** A list of mounts may be long; this is no path. */
const factLimit = 16 << 20;

/**
 * Reads a host: its mounts, users, every path on its ephemeral root, and what became of them since the newest older root.
 * Reads only. Rejects with HostError; a folder that cannot be read is no error but listed in `unread`.
 */
export async function scanHost(reached: HostConnection, options: ScanOptions): Promise<HostScan> {
  const started = performance.now();
  const traffic = { sent: 0, received: 0 };
  const connection = counted(reached, traffic);
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
  const plain = plainTools(facts, places.answer.now);
  const readRuns = (signal: AbortSignal) =>
    readDeployed(connection, {
      root: facts.root,
      situation,
      users: facts.users,
      groups: facts.groups,
      configured: options.configured?.({ host: options.host, ...facts }) ?? nothingConfigured,
      plain,
      elevate,
      signal,
      log: options.log,
    });
  if (plain !== null) {
    // Before the walk, not beside it: there most of both is starting processes.
    const deployed = await readRuns(options.signal);
    const { builder, unread, ...found } = await scanPlain(connection, {
      facts,
      tools: plain,
      layout,
      elevate,
      signal: cancel,
      log,
      onRead: (paths) => progress.soon(() => ({ paths, phase: "reading" })),
      onCompared: (paths) => progress.soon(() => ({ paths, phase: "comparing" })),
    });
    return assemble(options, facts, situation, places, {
      deployed,
      blank: blankOf(places, facts),
      tree: freezeTree(builder, { lost: places.old.usable.length > 0 }),
      unread: [...unread].sort(),
      notes: notesOf(facts, { situation, places, snapshots, ...found }),
    });
  }
  const builder = new TreeBuilder(layout.old !== null);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const roots: WalkedRoot[] = [{ side: "live", folder: facts.root, shown: "/", prune: layout.prune }];
  if (layout.old !== null) roots.push({ side: "old", ...layout.old });
  const walks = options.walks ?? walksFor(facts.capacity);
  const walking = walkRoots(connection, {
    builder,
    roots,
    walks,
    queue: facts.capacity.queue,
    usual: usualOwners(facts.users),
    elevate,
    signal,
    log: options.log,
    onPaths: (paths) => progress.soon(() => ({ paths, phase: "reading" })),
    isFirst: (folder) => options.firstLook?.holds(folder, facts.users) === true,
    onFirst: () => options.firstLook?.onRead({ tree: freezeTree(builder), users: facts.users }),
  });
  // Beside the walk, which takes longer.
  const deployed = readRuns(signal);
  await settled([walking, deployed], (error) => stop.abort(error));
  const { unread, errors } = await walking;

  const skipped =
    layout.old === null
      ? 0
      : await compareContents(connection, {
          builder,
          live: facts.root,
          old: layout.old.folder,
          parts: walks,
          elevate,
          signal: options.signal,
          log: options.log,
          onDone: (files) => progress.soon(() => ({ paths: files, phase: "comparing" })),
        });
  const zfs = await compareZfs(connection, { facts, situation, places, builder, elevate, signal: cancel, log });
  builder.joined();
  const cost: ScanCost = { ...traffic, walks, milliseconds: Math.round(performance.now() - started) };
  options.log(
    `scan: ${builder.size} paths in ${cost.milliseconds} ms, ${walks === 2 ? "two walks" : "one walk"} at a time, ${cost.received} bytes received, ${cost.sent} sent`,
  );
  return assemble(options, facts, situation, places, {
    cost,
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
  found: Pick<HostScan, "tree" | "unread" | "notes" | "deployed" | "blank"> & Pick<HostScan, "cost">,
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
    ...found,
    oldRoot: oldRoots[0] ?? null,
    oldRoots,
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
