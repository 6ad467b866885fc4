import type { HostScan, NodeId, PathRecord, ScanTree } from "../hosts/model";
import { joinPath } from "./find";

/** What is different of a path that is in both scans. */
export type ChangedPart = "type" | "size" | "mtime" | "mode" | "owner" | "target";

/** One path that differs between two scans. A folder that came or went stands for all below it. */
export interface ScanChange {
  readonly path: string;
  readonly kind: "added" | "changed" | "removed";
  /** As it is now; of a removed path, as it was. */
  readonly type: PathRecord["type"];
  /** Empty unless `changed`. */
  readonly parts: readonly ChangedPart[];
  /** Paths it stands for: itself and all below it that came or went with it. */
  readonly paths: number;
  /** Of the regular files among them: as they are now, or were. */
  readonly bytes: number;
}

/** What happened on a root between two scans of it. */
export interface ScanComparison {
  /** Whether the host was booted in between, so that a wiped root is another one; null where a boot time is not known. */
  readonly rebooted: boolean | null;
  /** In order of the tree: a folder's before those below it. */
  readonly changes: readonly ScanChange[];
  /** Paths, those below folded folders included. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/**
 * Compares two scans of one host. Only what both could see counts: below a folder that one of them could not read, and at a path where
 * only one of them had a mount, nothing is said. A folder's own time says no more than what is in it, and does not count; paths that only an
 * older root has are no part of either scan. Takes time linear in the size of the larger tree.
 */
export function compareScans(before: HostScan, after: HostScan): ScanComparison {
  const changes: ScanChange[] = [];
  const hidden = onlyOneMounted(before, after);
  const stack: { readonly old: NodeId; readonly now: NodeId; readonly path: string }[] = [
    { old: before.tree.root, now: after.tree.root, path: "/" },
  ];
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const { old, now, path } = pair;
    const parts = differences(before.tree, old, after.tree, now);
    if (parts.length > 0) changes.push(changeOf(after.tree, now, path, "changed", parts));
    if (before.tree.type(old) !== "directory" || after.tree.type(now) !== "directory") continue;
    if (before.tree.unread(old) || after.tree.unread(now)) continue;
    const { both, gone, came } = join(before.tree, old, after.tree, now);
    for (const [tree, nodes, kind] of [
      [before.tree, gone, "removed"],
      [after.tree, came, "added"],
    ] as const) {
      for (const node of nodes) {
        const child = joinPath(path, tree.name(node));
        if (!hidden.has(child)) changes.push(changeOf(tree, node, child, kind, []));
      }
    }
    for (const [left, right] of both)
      stack.push({ old: left, now: right, path: joinPath(path, after.tree.name(right)) });
  }
  changes.sort(inTreeOrder);
  const count = (kind: ScanChange["kind"]) =>
    changes.reduce((sum, change) => sum + (change.kind === kind ? change.paths : 0), 0);
  const booted = before.bootTime !== null && after.bootTime !== null;
  return {
    rebooted: booted ? before.bootTime !== after.bootTime : null,
    changes,
    added: count("added"),
    changed: count("changed"),
    removed: count("removed"),
  };
}

/** Mount points of one scan that the other has not: what is there was not walked in both. */
function onlyOneMounted(before: HostScan, after: HostScan): ReadonlySet<string> {
  const points = ({ mounts, ephemeralMounts }: HostScan) =>
    mounts.map(({ mountPoint }) => mountPoint).filter((point) => !ephemeralMounts.includes(point));
  const old = new Set(points(before));
  const now = new Set(points(after));
  return new Set([...old, ...now].filter((point) => !old.has(point) || !now.has(point)));
}

function differences(before: ScanTree, old: NodeId, after: ScanTree, now: NodeId): ChangedPart[] {
  const type = after.type(now);
  if (before.type(old) !== type) return ["type"];
  const parts: ChangedPart[] = [];
  if (before.bytes(old) !== after.bytes(now)) parts.push("size");
  if (type !== "directory" && before.mtime(old) !== after.mtime(now)) parts.push("mtime");
  if (type !== "symlink" && before.mode(old) !== after.mode(now)) parts.push("mode");
  if (before.uid(old) !== after.uid(now) || before.gid(old) !== after.gid(now)) parts.push("owner");
  if (type === "symlink" && before.target(old) !== after.target(now)) parts.push("target");
  return parts;
}

interface Joined {
  readonly both: readonly (readonly [NodeId, NodeId])[];
  readonly gone: readonly NodeId[];
  readonly came: readonly NodeId[];
}

/** Pairs the children of two folders by name. Names that are no UTF-8 may look the same: those are paired in their order. */
function join(before: ScanTree, old: NodeId, after: ScanTree, now: NodeId): Joined {
  const left = liveChildren(before, old);
  const right = liveChildren(after, now);
  const both: [NodeId, NodeId][] = [];
  // Mostly nothing came or went, and the names are in the same order.
  let same = 0;
  while (same < left.length && same < right.length) {
    const [one, other] = [left[same] ?? 0, right[same] ?? 0];
    if (before.name(one) !== after.name(other)) break;
    both.push([one, other]);
    same += 1;
  }
  const named = new Map<string, NodeId[]>();
  for (const node of left.slice(same)) {
    const name = before.name(node);
    const known = named.get(name);
    if (known === undefined) named.set(name, [node]);
    else known.push(node);
  }
  const came: NodeId[] = [];
  for (const node of right.slice(same)) {
    const found = named.get(after.name(node))?.shift();
    if (found === undefined) came.push(node);
    else both.push([found, node]);
  }
  return { both, came, gone: [...named.values()].flat() };
}

function liveChildren(tree: ScanTree, folder: NodeId): NodeId[] {
  const found: NodeId[] = [];
  for (const node of tree.children(folder)) if (tree.status(node) !== "lost") found.push(node);
  return found;
}

function changeOf(
  tree: ScanTree,
  node: NodeId,
  path: string,
  kind: ScanChange["kind"],
  parts: readonly ChangedPart[],
): ScanChange {
  let paths = 0;
  let bytes = 0;
  const stack = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    paths += 1;
    if (tree.type(at) === "file") bytes += tree.bytes(at);
    if (kind === "changed") break;
    for (const child of liveChildren(tree, at)) stack.push(child);
  }
  return { path, kind, type: tree.type(node), parts, paths, bytes };
}

/** A folder right before what is in it, siblings by name. */
function inTreeOrder(a: ScanChange, b: ScanChange): number {
  const left = a.path.replaceAll("/", "\0");
  const right = b.path.replaceAll("/", "\0");
  return left < right ? -1 : left > right ? 1 : a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0;
}
