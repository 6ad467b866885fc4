import { isUtf8 } from "node:buffer";
import {
  CHANGED,
  DIRECTORY,
  LIVE,
  type NodeId,
  OLD,
  type PathRecord,
  PENDING,
  type ScanTree,
  SYMLINK,
  TYPES,
  UNREAD,
} from "./model";
import { type Attributes, TreeBuilder } from "./treeBuilder";

type Status = ReturnType<ScanTree["status"]>;

/** A path for {@link buildTree}: `path` and what differs from a root-owned file (or folder) of 0 bytes. */
export type TreeRecord = Partial<PathRecord> & {
  readonly path: string;
  readonly status?: Status;
  /** A folder that could not be read. */
  readonly unread?: true;
};

/**
 * A tree from paths in any order. Folders on the way that are not listed are added as `root:root 0755`; their status is
 * `new`, or `lost` where all that is below them is lost. Without `status` a path is `new`.
 */
export function buildTree(records: Iterable<TreeRecord>): ScanTree {
  const builder = new TreeBuilder();
  builder.addLive(0, attributesOf({ path: "/", type: "directory" }));
  const listed = new Set<NodeId>([0]);
  for (const record of records) {
    const status = record.status ?? "new";
    const names = record.path.split("/").filter((name) => name !== "");
    let node: NodeId = 0;
    for (const [index, name] of names.entries()) {
      const bytes = Buffer.from(name);
      node = builder.child(node, bytes, 0, bytes.length);
      if (index === names.length - 1 || listed.has(node)) continue;
      if (builder.flags[node] === 0) builder.addOld(node, attributesOf({ path: "", type: "directory" }));
      if (status !== "lost") builder.flags[node] = LIVE;
    }
    listed.add(node);
    builder.addLive(node, attributesOf(record));
    builder.flags[node] = flagsOf(status);
    if (record.unread) builder.markUnread(node);
  }
  return freezeTree(builder);
}

function flagsOf(status: Status): number {
  if (status === "lost") return OLD;
  if (status === "changed") return LIVE | OLD | CHANGED;
  return status === "regenerated" ? LIVE | OLD : LIVE;
}

function attributesOf(record: TreeRecord): Attributes {
  const type = TYPES.indexOf(record.type ?? "file");
  return {
    type,
    size: record.size ?? 0,
    mtime: record.mtime ?? 0,
    uid: record.uid ?? 0,
    gid: record.gid ?? 0,
    mode: Number.parseInt(record.mode ?? (record.type === "directory" ? "755" : "644"), 8),
    identity: 0,
    target: Buffer.from(record.target ?? ""),
  };
}

/**
 * The finished tree over a builder's arrays; the builder must not be used after. A path that was a folder in the old root
 * and is something else now keeps its lost children, so a node that is no folder may have children. A folder that could
 * not be read has none: of what the old root has in it nobody knows whether it is still there. Without `lost`, what only the old
 * root has is left out.
 */
export function freezeTree(builder: TreeBuilder, { lost } = { lost: true }): ScanTree {
  const { size, pool, parents, nameStarts, nameLengths, owners, ownerships } = builder;
  const children = childLists(builder, lost);

  const nameBytes = (node: NodeId): Uint8Array => {
    const start = nameStarts[node] ?? 0;
    return pool.subarray(start, start + (nameLengths[node] ?? 0));
  };
  const text = (bytes: Uint8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const name = (node: NodeId): string => (node === 0 ? "/" : text(nameBytes(node)));
  const unread = (node: NodeId): boolean => ((builder.flags[node] ?? 0) & UNREAD) !== 0;
  const childrenOf = (node: NodeId): Uint32Array => (unread(node) ? none : children(node));
  const ownership = (node: NodeId): number => ownerships[node] ?? 0;

  const childNamed = (parent: NodeId, wanted: Uint8Array): NodeId | null => {
    const sorted = childrenOf(parent);
    let low = 0;
    let high = sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const node = sorted[middle] ?? 0;
      const order = Buffer.compare(nameBytes(node), wanted);
      if (order === 0) return node;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  };

  return {
    root: 0,
    size,
    name,
    nameBytes: { pool, starts: nameStarts, lengths: nameLengths },
    columns: {
      types: builder.types,
      flags: builder.flags,
      parents,
      sizes: builder.sizes,
      mtimes: builder.mtimes,
    },
    validUtf8: (node) => isUtf8(nameBytes(node)),
    type: (node) => TYPES[builder.types[node] ?? 0] ?? "file",
    bytes: (node) => (builder.types[node] === DIRECTORY ? 0 : (builder.sizes[node] ?? 0)),
    mtime: (node) => builder.mtimes[node] ?? 0,
    uid: (node) => owners.uid(ownership(node)),
    gid: (node) => owners.gid(ownership(node)),
    mode: (node) => modeText(owners.mode(ownership(node))),
    target: (node) => {
      if (builder.types[node] !== SYMLINK) return null;
      const start = (nameStarts[node] ?? 0) + (nameLengths[node] ?? 0);
      return text(pool.subarray(start, start + (builder.targetLengths[node] ?? 0)));
    },
    unread,
    status: (node) => statusOf(builder.flags[node] ?? 0),
    children: childrenOf,
    parent: (node) => parents[node] ?? 0,
    path: (node) => {
      const names: string[] = [];
      for (let at = node; at !== 0; at = parents[at] ?? 0) names.push(name(at));
      return `/${names.reverse().join("/")}`;
    },
    find: (path) => {
      let node: NodeId = 0;
      for (const part of path.split("/")) {
        if (part === "") continue;
        const child = childNamed(node, Buffer.from(part));
        if (child === null) return null;
        node = child;
      }
      return node;
    },
  };
}

const none = new Uint32Array(0);

/** Each text is made once: there are few modes, and many paths that have them. */
const modeTexts: string[] = [];

function modeText(mode: number): string {
  modeTexts[mode] ??= mode.toString(8).padStart(4, "0");
  return modeTexts[mode] ?? "";
}

function statusOf(flags: number): Status {
  if ((flags & LIVE) === 0) return "lost";
  if ((flags & OLD) === 0) return "new";
  // A file whose contents could not be compared counts as changed: it may be.
  return flags & (CHANGED | PENDING) ? "changed" : "regenerated";
}

/** Each node's children in order of name, bytewise. Listed at the first call, and each folder sorted when it is first asked for. */
function childLists(builder: TreeBuilder, lost: boolean): (node: NodeId) => Uint32Array {
  const { size, pool, nameStarts, nameLengths } = builder;
  let lists: { readonly starts: Uint32Array; readonly ids: Uint32Array } | null = null;
  const sorted = new Uint8Array(size);

  const byName = (left: NodeId, right: NodeId): number => {
    const leftStart = nameStarts[left] ?? 0;
    const rightStart = nameStarts[right] ?? 0;
    const leftLength = nameLengths[left] ?? 0;
    const rightLength = nameLengths[right] ?? 0;
    const shorter = Math.min(leftLength, rightLength);
    for (let at = 0; at < shorter; at += 1) {
      const order = (pool[leftStart + at] ?? 0) - (pool[rightStart + at] ?? 0);
      if (order !== 0) return order;
    }
    return leftLength - rightLength;
  };

  return (node) => {
    lists ??= unsortedChildren(builder, lost);
    const children = lists.ids.subarray(lists.starts[node] ?? 0, lists.starts[node + 1] ?? 0);
    if (sorted[node] === 0) {
      if (children.length > fewChildren) children.sort(byName);
      else insertionSort(children, byName);
      sorted[node] = 1;
    }
    return children;
  };
}

/** Most folders have few: for those a call of the engine's own sort takes several times as long. */
const fewChildren = 32;

function insertionSort(list: Uint32Array, order: (left: NodeId, right: NodeId) => number): void {
  for (let end = 1; end < list.length; end += 1) {
    const node = list[end] ?? 0;
    let at = end;
    for (; at > 0 && order(list[at - 1] ?? 0, node) > 0; at -= 1) list[at] = list[at - 1] ?? 0;
    list[at] = node;
  }
}

/** For each node the range `[starts[n], starts[n+1])` of `ids`: its children in the order they were added. */
function unsortedChildren(
  { size, parents, flags }: TreeBuilder,
  lost: boolean,
): { starts: Uint32Array; ids: Uint32Array } {
  const starts = new Uint32Array(size + 1);
  const hidden = (node: NodeId): boolean => !lost && ((flags[node] ?? 0) & LIVE) === 0;
  for (let node = 1; node < size; node += 1) {
    if (hidden(node)) continue;
    const slot = parents[node] ?? 0;
    starts[slot] = (starts[slot] ?? 0) + 1;
  }
  // From counts to ends; filling each range from its end leaves the starts.
  for (let node = 1; node <= size; node += 1) starts[node] = (starts[node] ?? 0) + (starts[node - 1] ?? 0);
  const ids = new Uint32Array(Math.max(0, size - 1));
  for (let node = size - 1; node > 0; node -= 1) {
    if (hidden(node)) continue;
    const parent = parents[node] ?? 0;
    const slot = (starts[parent] ?? 0) - 1;
    ids[slot] = node;
    starts[parent] = slot;
  }
  return { starts, ids };
}
