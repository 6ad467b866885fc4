import type { HostScan, NodeId, ScanTree } from "../hosts/model";

/** What is different of a path that is in both scans. */
export type ChangedPart = "type" | "size" | "mtime" | "mode" | "owner" | "target";

/** One path that is not the same in two scans: a node of the tree as it is now, of a removed one of the tree as it was. */
export interface Difference {
  readonly kind: "added" | "changed" | "removed";
  readonly tree: ScanTree;
  /** A folder that came or went stands for all below it. */
  readonly node: NodeId;
  /** Empty unless `changed`. */
  readonly parts: readonly ChangedPart[];
}

/**
 * Goes through two scans of one host, folder by folder, and tells each path that differs; no text is made for one that does not. Only
 * what both could see counts: below a folder that one of them could not read, and at a path where only one of them had a mount, nothing is
 * said. Returns how many such mounts there were. Takes time linear in the size of the larger tree.
 */
export function compareTrees(before: HostScan, after: HostScan, found: (difference: Difference) => void): number {
  const [was, is] = [before.tree, after.tree];
  const mounted = onlyOneMounted(before, after);
  const hiddenBefore = nodesAt(was, mounted);
  const hiddenAfter = nodesAt(is, mounted);
  const pairs: NodeId[] = [was.root, is.root];
  const one = (tree: ScanTree, node: NodeId, kind: "added" | "removed", hidden: ReadonlySet<NodeId>): void => {
    if (tree.status(node) !== "lost" && !hidden.has(node)) found({ kind, tree, node, parts: noParts });
  };
  while (pairs.length > 0) {
    const now = pairs.pop() ?? 0;
    const old = pairs.pop() ?? 0;
    const parts = differences(was, old, is, now);
    if (parts.length > 0) found({ kind: "changed", tree: is, node: now, parts });
    if (was.type(old) !== "directory" || is.type(now) !== "directory") continue;
    if (was.unread(old) || is.unread(now)) continue;
    // Both are in order of their names' bytes.
    const left = was.children(old);
    const right = is.children(now);
    let [at, to] = [0, 0];
    while (at < left.length || to < right.length) {
      const [gone, came] = [left[at], right[to]];
      const order = gone === undefined ? 1 : came === undefined ? -1 : byName(was, gone, is, came);
      if (order <= 0) at += 1;
      if (order >= 0) to += 1;
      if (order < 0) one(was, gone ?? 0, "removed", hiddenBefore);
      else if (order > 0) one(is, came ?? 0, "added", hiddenAfter);
      else if (was.status(gone ?? 0) === "lost") one(is, came ?? 0, "added", hiddenAfter);
      else if (is.status(came ?? 0) === "lost") one(was, gone ?? 0, "removed", hiddenBefore);
      else pairs.push(gone ?? 0, came ?? 0);
    }
  }
  return mounted.filter((path) => isThere(was, path) || isThere(is, path)).length;
}

const noParts: readonly ChangedPart[] = [];

/** The paths that a node stands for: itself and, of what came or went, all below it. */
export function pathsOf({ tree, node, kind }: Difference): { readonly paths: number; readonly bytes: number } {
  let paths = 0;
  let bytes = 0;
  const stack = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    paths += 1;
    if (tree.type(at) === "file") bytes += tree.bytes(at);
    if (kind === "changed") break;
    for (const child of tree.children(at)) if (tree.status(child) !== "lost") stack.push(child);
  }
  return { paths, bytes };
}

/** Mount points of one scan that the other has not: what is there was not walked in both. */
function onlyOneMounted(before: HostScan, after: HostScan): string[] {
  const points = ({ mounts, ephemeralMounts }: HostScan) =>
    mounts.map(({ mountPoint }) => mountPoint).filter((point) => !ephemeralMounts.includes(point));
  const old = new Set(points(before));
  const now = new Set(points(after));
  return [...new Set([...old, ...now])].filter((point) => !old.has(point) || !now.has(point));
}

function nodesAt(tree: ScanTree, paths: readonly string[]): ReadonlySet<NodeId> {
  return new Set(paths.flatMap((path) => tree.find(path) ?? []));
}

function isThere(tree: ScanTree, path: string): boolean {
  const node = tree.find(path);
  return node !== null && tree.status(node) !== "lost";
}

function differences(before: ScanTree, old: NodeId, after: ScanTree, now: NodeId): readonly ChangedPart[] {
  const type = after.type(now);
  if (before.type(old) !== type) return ["type"];
  let parts: ChangedPart[] | null = null;
  const differs = (part: ChangedPart): void => {
    parts ??= [];
    parts.push(part);
  };
  if (before.bytes(old) !== after.bytes(now)) differs("size");
  // A folder's own time says no more than what is in it.
  if (type !== "directory" && before.mtime(old) !== after.mtime(now)) differs("mtime");
  if (type !== "symlink" && before.mode(old) !== after.mode(now)) differs("mode");
  if (before.uid(old) !== after.uid(now) || before.gid(old) !== after.gid(now)) differs("owner");
  if (type === "symlink" && before.target(old) !== after.target(now)) differs("target");
  return parts ?? noParts;
}

function byName(left: ScanTree, one: NodeId, right: ScanTree, other: NodeId): number {
  const { pool, starts, lengths } = left.nameBytes;
  const names = right.nameBytes;
  const [from, to] = [starts[one] ?? 0, names.starts[other] ?? 0];
  const [length, otherLength] = [lengths[one] ?? 0, names.lengths[other] ?? 0];
  const shorter = Math.min(length, otherLength);
  for (let at = 0; at < shorter; at += 1) {
    const order = (pool[from + at] ?? 0) - (names.pool[to + at] ?? 0);
    if (order !== 0) return order;
  }
  return length - otherLength;
}
