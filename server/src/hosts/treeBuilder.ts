import { CHANGED, DIRECTORY, FILE, LIVE, type NodeId, OLD, PENDING, SYMLINK, UNREAD } from "./model";
import { type Column, column } from "./treeColumn";
import { OwnerTable } from "./treeOwners";

/** What is stored of a path besides its name. Numbers as in PathRecord; `type` is an index of TYPES of model.ts. */
export interface Attributes {
  type: number;
  size: number;
  mtime: number;
  uid: number;
  gid: number;
  mode: number;
  /** The same number for the same state of the same file; 0 where not known. */
  identity: number;
  /** Bytes of the link's target; empty for all but symbolic links. */
  target: Uint8Array;
}

/** Buckets are signed, so that no number in them is more than a machine word to the engine. */
const emptyBucket = -1;
const mostNodes = 32_000_000;
const mostBytes = 1_600_000_000;

/**
 * Collects paths in typed arrays: some 50 bytes for each, so a million fit. Names are bytes in one pool, a link's target right after its
 * name; a hash table over (parent, name) finds a path again when it is asked for. A folder's number is smaller than those of
 * the paths in it. Freeze it with `freezeTree` of tree.ts.
 */
export class TreeBuilder {
  size = 1;
  readonly #columns: { grow(items: number): void }[] = [];
  readonly parents = this.#column(Uint32Array);
  readonly nameStarts = this.#column(Uint32Array);
  readonly nameLengths = this.#column(Uint16Array);
  readonly targetLengths = this.#column(Uint16Array);
  readonly sizes = this.#column(Float64Array);
  /** Seconds from 1970 to 2106; what is earlier or later is the nearest of those. */
  readonly mtimes = this.#column(Uint32Array);
  /** Places in `owners`. */
  readonly ownerships = this.#column(Uint32Array);
  readonly types = this.#column(Uint8Array);
  readonly flags = this.#column(Uint8Array);
  readonly #pool = column(Uint8Array, 16_384, mostBytes);
  readonly pool = this.#pool.items;
  readonly owners = new OwnerTable();
  /** Only where two roots are joined. */
  #identities: Column<Float64Array> | null = null;
  #poolEnd = 0;
  /** The table has the nodes below this; those from here on are put in when something is looked up. */
  #listed = 1;
  #buckets = new Int32Array(0);

  /** @param joins whether an old root is to be joined, too. */
  constructor(joins = true) {
    if (joins) this.#identities = column(Float64Array, 1024, mostNodes);
    this.types[0] = DIRECTORY;
    this.ownerships[0] = this.owners.place(0, 0, 0o755);
  }

  /** Adds a child of `parent` named by `bytes[from, to)` (without flags), of which the caller knows that there is none yet. */
  add(parent: NodeId, bytes: Uint8Array, from: number, to: number): NodeId {
    const node = this.size;
    if (node >= mostNodes) throw new RangeError(`more than ${mostNodes} paths`);
    this.size = node + 1;
    if (node >= this.parents.length) this.#grow(node + (node >> 1));
    this.parents[node] = parent;
    this.nameStarts[node] = this.#keep(bytes, from, to);
    this.nameLengths[node] = to - from;
    return node;
  }

  /** The child of `parent` of that name, added where there is none yet. */
  child(parent: NodeId, bytes: Uint8Array, from: number, to: number): NodeId {
    this.#list();
    const mask = this.#buckets.length - 1;
    let slot = hashOf(parent, bytes, from, to) & mask;
    for (;;) {
      const node = this.#buckets[slot] ?? emptyBucket;
      if (node === emptyBucket) break;
      if (this.isChild(node, parent, bytes, from, to)) return node;
      slot = (slot + 1) & mask;
    }
    const node = this.add(parent, bytes, from, to);
    this.#buckets[slot] = node;
    this.#listed = this.size;
    return node;
  }

  /** Whether `node` is the child of `parent` of that name. */
  isChild(node: NodeId, parent: NodeId, bytes: Uint8Array, from: number, to: number): boolean {
    if (node >= this.size || this.parents[node] !== parent || this.nameLengths[node] !== to - from) return false;
    const start = this.nameStarts[node] ?? 0;
    for (let at = from; at < to; at += 1) if (this.pool[start + at - from] !== bytes[at]) return false;
    return true;
  }

  /** Records that the scanned root has `node`; its attributes win over those of the old root. */
  addLive(node: NodeId, attributes: Attributes): void {
    if (this.#flagsOf(node) & OLD) this.#compare(node, attributes);
    this.#store(node, attributes);
    this.flags[node] = this.#flagsOf(node) | LIVE;
  }

  /** Records that the old root has `node`. */
  addOld(node: NodeId, attributes: Attributes): void {
    if (this.#flagsOf(node) & LIVE) this.#compare(node, attributes);
    else this.#store(node, attributes);
    this.flags[node] = this.#flagsOf(node) | OLD;
  }

  /** Records that what the scanned root has in the folder `node` is not known. What the old root has there is dropped. */
  markUnread(node: NodeId): void {
    this.flags[node] = this.#flagsOf(node) | UNREAD;
  }

  /** The outcome of comparing the contents of a file that waited for it. */
  settle(node: NodeId, same: boolean): void {
    this.flags[node] = (this.#flagsOf(node) & ~PENDING) | (same ? 0 : CHANGED);
  }

  /** Files with the same size and mode in both roots, whose contents decide. */
  pending(): NodeId[] {
    const nodes: NodeId[] = [];
    for (let node = 0; node < this.size; node += 1) if (this.#flagsOf(node) & PENDING) nodes.push(node);
    return nodes;
  }

  /** Path below the root as raw bytes without a leading slash: `etc/machine-id`. */
  relativePath(node: NodeId): Buffer {
    const parts: Uint8Array[] = [];
    for (let at = node; at !== 0; at = this.parents[at] ?? 0) {
      if (parts.length > 0) parts.push(slash);
      const start = this.nameStarts[at] ?? 0;
      parts.push(this.pool.subarray(start, start + (this.nameLengths[at] ?? 0)));
    }
    return Buffer.concat(parts.reverse());
  }

  /**
   * Type, mode, size and link target decide; times and owners of a regenerated path differ anyway. A file that is the very same one in
   * both roots, untouched since, needs no look into it.
   */
  #compare(node: NodeId, other: Attributes): void {
    const type = this.types[node] ?? FILE;
    if (type === DIRECTORY && other.type === DIRECTORY) return;
    const same =
      type === other.type &&
      this.owners.mode(this.ownerships[node] ?? 0) === other.mode &&
      (type !== FILE || this.sizes[node] === other.size) &&
      (type !== SYMLINK || this.#targetIs(node, other.target));
    if (!same) this.flags[node] = this.#flagsOf(node) | CHANGED;
    else if (
      type === FILE &&
      other.size > 0 &&
      (other.identity === 0 || this.#identities?.items[node] !== other.identity)
    )
      this.flags[node] = this.#flagsOf(node) | PENDING;
  }

  #store(node: NodeId, attributes: Attributes): void {
    this.types[node] = attributes.type;
    this.sizes[node] = attributes.size;
    this.mtimes[node] = Math.min(Math.max(attributes.mtime, 0), 0xffffffff);
    this.ownerships[node] = this.owners.place(attributes.uid, attributes.gid, attributes.mode);
    if (this.#identities !== null) this.#identities.items[node] = attributes.identity;
    const { target } = attributes;
    if (target.length > 0) this.#keepTarget(node, target);
    else this.targetLengths[node] = 0;
  }

  /** The target goes after the name; where other names follow already, the name is written again. */
  #keepTarget(node: NodeId, target: Uint8Array): void {
    const start = this.nameStarts[node] ?? 0;
    const end = start + (this.nameLengths[node] ?? 0);
    if (end !== this.#poolEnd) this.nameStarts[node] = this.#keep(this.pool.slice(start, end), 0, end - start);
    this.#keep(target, 0, target.length);
    this.targetLengths[node] = target.length;
  }

  /** Frees what only joining needs. */
  joined(): void {
    this.#identities?.grow(0);
    this.#identities = null;
    this.#buckets = new Int32Array(0);
  }

  #column<T>(Kind: Parameters<typeof column<T>>[0]): T {
    const made = column(Kind, 1024, mostNodes);
    this.#columns.push(made);
    return made.items;
  }

  #flagsOf(node: NodeId): number {
    return this.flags[node] ?? 0;
  }

  #targetIs(node: NodeId, target: Uint8Array): boolean {
    const start = (this.nameStarts[node] ?? 0) + (this.nameLengths[node] ?? 0);
    const mine = this.pool.subarray(start, start + (this.targetLengths[node] ?? 0));
    return Buffer.compare(mine, target) === 0;
  }

  /** Puts what is not there yet into the table, with room for one more. */
  #list(): void {
    if (this.#buckets.length < this.size * 1.5) {
      this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(this.size * 2 + 1024))).fill(emptyBucket);
      this.#listed = 1;
    }
    const mask = this.#buckets.length - 1;
    for (; this.#listed < this.size; this.#listed += 1) {
      const start = this.nameStarts[this.#listed] ?? 0;
      const end = start + (this.nameLengths[this.#listed] ?? 0);
      let slot = hashOf(this.parents[this.#listed] ?? 0, this.pool, start, end) & mask;
      while (this.#buckets[slot] !== emptyBucket) slot = (slot + 1) & mask;
      this.#buckets[slot] = this.#listed;
    }
  }

  #keep(bytes: Uint8Array, from: number, to: number): number {
    if (to - from > 0xffff) throw new RangeError("a name longer than 64 kB");
    const start = this.#poolEnd;
    this.#poolEnd = start + to - from;
    if (this.#poolEnd > mostBytes) throw new RangeError(`more than ${mostBytes} bytes of names`);
    if (this.#poolEnd > this.pool.length) this.#pool.grow(this.#poolEnd * 2);
    // A loop, since names are short: a view of the bytes for each would keep the garbage collector busy.
    const { pool } = this;
    for (let at = from; at < to; at += 1) pool[start + at - from] = bytes[at] ?? 0;
    return start;
  }

  #grow(length: number): void {
    for (const each of this.#columns) each.grow(length);
    this.#identities?.grow(length);
  }
}

/** FNV-1a over the name, started from the parent. */
function hashOf(parent: NodeId, bytes: Uint8Array, from: number, to: number): number {
  let hash = Math.imul(parent ^ 0x811c9dc5, 0x01000193);
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

const slash = Uint8Array.of(0x2f);
