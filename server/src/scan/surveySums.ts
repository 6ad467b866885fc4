import type { NodeId, ScanTree } from "../hosts/model";
import type { NoiseReason } from "../knowledge/noise";

/** What lies at or below a path. Noise counts for bytes, files and mtime (it would be kept too), but not for the statuses. */
export interface Totals {
  /** Regular files there now, their bytes, and the newest mtime (seconds since the epoch). */
  readonly files: number;
  readonly bytes: number;
  readonly mtime: number;
  /** The same of what only the old root has. */
  readonly lostFiles: number;
  readonly lostBytes: number;
  readonly lostMtime: number;
  /** Files and links that are no noise, by status. */
  readonly fresh: number;
  readonly changed: number;
  readonly lost: number;
  /** How many of those are symbolic links. */
  readonly links: number;
  /** Bytes of caches there now. */
  readonly cacheBytes: number;
  /** Links NixOS made: into the store or `/etc/static`. */
  readonly managed: number;
  /** Folders that could not be read. */
  readonly unread: number;
}

/** Where the numbers of {@link Totals} stand in a row. Bytes are kept apart, since they need more room. */
const FILES = 0;
const MTIME = 1;
const LOST_FILES = 2;
const LOST_MTIME = 3;
const FRESH = 4;
const CHANGED = 5;
const LOST = 6;
const LINKS = 7;
const MANAGED = 8;
const UNREAD = 9;
const counterWidth = 10;
const BYTES = 0;
const LOST_BYTES = 1;
const CACHE_BYTES = 2;
const sizeWidth = 3;

/** Totals of folders as rows of numbers: a scan has a hundred thousand folders. Row 0 is none. */
export class FolderSums {
  #counts = new Uint32Array(64 * counterWidth);
  #sizes = new Float64Array(64 * sizeWidth);
  #noise: Uint32Array;
  #hasChildren = new Uint8Array(64);
  #rows = 1;
  readonly #noiseWidth: number;

  /** Noise has codes from 1 to `reasons`. */
  constructor(reasons: number) {
    this.#noiseWidth = reasons + 1;
    this.#noise = new Uint32Array(64 * this.#noiseWidth);
  }

  addRow(): number {
    const row = this.#rows;
    this.#rows += 1;
    if (row >= this.#hasChildren.length) {
      this.#counts = grown(this.#counts, new Uint32Array(row * 2 * counterWidth));
      this.#sizes = grown(this.#sizes, new Float64Array(row * 2 * sizeWidth));
      this.#noise = grown(this.#noise, new Uint32Array(row * 2 * this.#noiseWidth));
      this.#hasChildren = grown(this.#hasChildren, new Uint8Array(row * 2));
    }
    return row;
  }

  setUnread(row: number): void {
    this.#counts[row * counterWidth + UNREAD] = 1;
  }

  /** Whether the folder itself could not be read; asked before folders are added up. */
  isUnread(row: number): boolean {
    return this.#counts[row * counterWidth + UNREAD] !== 0;
  }

  /** Adds a path that is no folder to that of its folder. */
  addLeaf(row: number, tree: ScanTree, node: NodeId, code: number, noise: NoiseReason | null): void {
    const status = tree.status(node);
    const type = tree.type(node);
    const lost = status === "lost";
    const at = row * counterWidth;
    if (type === "file") {
      const bytes = tree.bytes(node);
      this.#count(at + (lost ? LOST_FILES : FILES), 1);
      this.#size(row, lost ? LOST_BYTES : BYTES, bytes);
      if (!lost && noise === "cache") this.#size(row, CACHE_BYTES, bytes);
    }
    this.#newest(at + (lost ? LOST_MTIME : MTIME), tree.mtime(node));
    if (noise === null) {
      this.#count(at + (lost ? LOST : status === "changed" ? CHANGED : FRESH), 1);
      if (type === "symlink") this.#count(at + LINKS, 1);
    } else {
      if (noise === "store" || (noise === "activation" && type === "symlink")) this.#count(at + MANAGED, 1);
      this.#noise[row * this.#noiseWidth + code] = this.noise(row, code) + 1;
    }
    this.#hasChildren[row] = 1;
  }

  /** Adds a folder to the one it lies in. One with nothing in it is noise, by `code`. */
  addFolder(row: number, folder: number, code: number): void {
    this.#hasChildren[row] = 1;
    if (this.#hasChildren[folder] === 0 && !this.isUnread(folder)) this.#noise[folder * this.#noiseWidth + code] = 1;
    const from = folder * counterWidth;
    const into = row * counterWidth;
    for (let field = 0; field < counterWidth; field += 1) {
      const value = this.#counts[from + field] ?? 0;
      if (field === MTIME || field === LOST_MTIME) this.#newest(into + field, value);
      else if (value > 0) this.#count(into + field, value);
    }
    for (let field = 0; field < sizeWidth; field += 1)
      this.#size(row, field, this.#sizes[folder * sizeWidth + field] ?? 0);
    for (let each = 1; each < this.#noiseWidth; each += 1) {
      const more = this.noise(folder, each);
      if (more > 0) this.#noise[row * this.#noiseWidth + each] = this.noise(row, each) + more;
    }
  }

  noise(row: number, code: number): number {
    return this.#noise[row * this.#noiseWidth + code] ?? 0;
  }

  totals(row: number): Totals {
    const count = (field: number): number => this.#counts[row * counterWidth + field] ?? 0;
    const size = (field: number): number => this.#sizes[row * sizeWidth + field] ?? 0;
    return {
      files: count(FILES),
      bytes: size(BYTES),
      mtime: count(MTIME),
      lostFiles: count(LOST_FILES),
      lostBytes: size(LOST_BYTES),
      lostMtime: count(LOST_MTIME),
      fresh: count(FRESH),
      changed: count(CHANGED),
      lost: count(LOST),
      links: count(LINKS),
      cacheBytes: size(CACHE_BYTES),
      managed: count(MANAGED),
      unread: count(UNREAD),
    };
  }

  #count(at: number, more: number): void {
    this.#counts[at] = (this.#counts[at] ?? 0) + more;
  }

  #newest(at: number, time: number): void {
    if (time > (this.#counts[at] ?? 0)) this.#counts[at] = time;
  }

  #size(row: number, field: number, bytes: number): void {
    this.#sizes[row * sizeWidth + field] = (this.#sizes[row * sizeWidth + field] ?? 0) + bytes;
  }
}

function grown<T extends Uint8Array | Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
