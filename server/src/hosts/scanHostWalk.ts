import { printable } from "./failures";
import type { NodeId } from "./model";
import { decodeBytes } from "./mountinfo";
import type { HostConnection, Log } from "./port";
import { walkFailed } from "./probeFailures";
import { prunePatterns, pruneTree } from "./probePrune";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import { walkReader } from "./recordsWalk";
import { settled } from "./settled";
import type { TreeBuilder } from "./treeBuilder";
import { type UsualOwner, usualLines } from "./usualOwners";
import { WalkQueue } from "./walkQueue";

/** A root to walk. Paths are byte strings. */
export interface WalkedRoot {
  readonly side: "live" | "old";
  readonly folder: string;
  /** Its name for people; `/` for the scanned root. */
  readonly shown: string;
  /** Left out with all below, relative to the root. */
  readonly prune: readonly string[];
}

export interface WalkRequest {
  readonly builder: TreeBuilder;
  readonly roots: readonly WalkedRoot[];
  /** Walks side by side. */
  readonly walks: 1 | 2;
  /** Whether find takes starting points as they come. */
  readonly queue: boolean;
  /** Who owns many files. */
  readonly usual: readonly UsualOwner[];
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** After each chunk: paths read so far. */
  onPaths(paths: number): void;
  /** Whether a folder of the scanned root is to be read before others; absolute. */
  isFirst(folder: string): boolean;
  /** The first levels of those are all there, down to where folders have no contents yet. */
  onFirst(): void;
}

/**
 * Levels that are walked in one go below the root's folders and each start further down: few starts in all, and the folders that many
 * programs share are within the first ones. Of the root itself only what lies in it, so that soon there is work for every walk.
 */
const walkStep = 3;

/** Reads roots into the tree, the live one first. Resolves with folders that could not be read, and what find said of them. Rejects with HostError. */
export async function walkRoots(
  connection: HostConnection,
  request: WalkRequest,
): Promise<{ readonly unread: readonly string[]; readonly errors: readonly string[] }> {
  const { builder, roots } = request;
  const unread = new Set<string>();
  const errors: string[] = [];
  let paths = 0;
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  const step = request.queue ? walkStep : Number.POSITIVE_INFINITY;

  const jobs = roots.map((root) => {
    const queue = new WalkQueue((node) => builder.relativePath(node));
    queue.add({ node: 0, pruned: pruneTree(root.prune), identity: null, levels: request.queue ? 1 : step });
    return { root, queue };
  });

  /** Of the live root: itself and the folders that are read first, as long as they are not done. */
  const heads = new Set<NodeId>([0]);

  /** The first walk of a root begins with the root itself, which needs no telling. */
  const walk = async ({ root, queue }: (typeof jobs)[number], first: boolean): Promise<void> => {
    const { side, folder, prune, shown } = root;
    const unreadNodes: NodeId[] = [];
    const mine = queue.walk();
    const names = mine.names();
    if (first) await names.next();
    const reader = walkReader({
      builder,
      side,
      step,
      identified: roots.length > 1,
      usual: request.usual,
      startNamed: (bytes, from, to) => mine.startNamed(bytes, from, to),
      onStart(start) {
        const first =
          side === "live" &&
          builder.parents[start.node] === 0 &&
          request.isFirst(`/${builder.relativePath(start.node).toString("utf8")}`);
        if (first) heads.add(start.node);
        queue.add(start, first);
      },
      onMark() {
        for (const { node } of mine.onMark())
          if (side === "live" && heads.delete(node) && heads.size === 0) request.onFirst();
      },
      onUnread: (node) => unreadNodes.push(node),
    });
    const { status, result } = await runProbe(connection, {
      task: {
        what: "walk",
        parameters: [
          request.queue ? `${walkStep}` : "0",
          request.queue && first ? "yes" : "no",
          roots.length > 1 ? "yes" : "no",
          usualLines(request.usual),
          folder,
          ...prunePatterns(prune, step),
        ],
        elevate: request.elevate,
      },
      ...(request.queue ? { feed: names } : {}),
      signal,
      log: request.log,
      onRecord(bytes, from, to) {
        paths += 1;
        reader.onRecord(bytes, from, to);
      },
      onChunk: () => request.onPaths(paths),
    });
    // find ends with 1 where it could not read something, and goes on.
    if (status > 1) throw walkFailed(connection.description, decodeBytes(folder), result, status);
    if (status === 1) errors.push(printable(result.stderr));
    reader.finish();
    if (!request.queue) mine.onMark();
    const base = shown === "/" ? "" : shown;
    for (const node of unreadNodes) unread.add(`${base}/${builder.relativePath(node).toString("utf8")}`);
  };
  // One root after the other: the older one is held against the live one as it comes.
  for (const job of jobs)
    await settled(
      Array.from({ length: request.queue ? request.walks : 1 }, (_, index) => walk(job, index === 0)),
      (error) => {
        stop.abort(error);
        job.queue.close();
      },
    );
  return { unread: [...unread], errors };
}
