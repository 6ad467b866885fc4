import { CHANGED, FILE, LIVE, OLD, PENDING, SYMLINK } from "../hosts/model";

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

/** Noise as numbers: 0 for none, else from 1 to `most`; those that count for more than themselves by name. */
export interface NoiseCodes {
  readonly most: number;
  readonly cache: number;
  readonly store: number;
  readonly activation: number;
}

/**
 * Totals of folders as columns of numbers, a row for each folder: a scan has a hundred thousand. What most folders have none of takes no
 * memory, since pages of zeros that nobody writes to are none. Row 0 is none.
 */
export class FolderSums {
  readonly #files: Uint32Array;
  readonly #bytes: Float64Array;
  readonly #mtime: Uint32Array;
  readonly #lostFiles: Uint32Array;
  readonly #lostBytes: Float64Array;
  readonly #lostMtime: Uint32Array;
  readonly #fresh: Uint32Array;
  readonly #changed: Uint32Array;
  readonly #lost: Uint32Array;
  readonly #links: Uint32Array;
  readonly #cacheBytes: Float64Array;
  readonly #managed: Uint32Array;
  readonly #unread: Uint32Array;
  readonly #noise: readonly Uint32Array[];
  readonly #hasChildren: Uint8Array;
  #rows = 1;

  /** Has room for so many rows. */
  constructor(
    rows: number,
    private readonly codes: NoiseCodes,
  ) {
    const counts = () => new Uint32Array(rows + 1);
    this.#files = counts();
    this.#bytes = new Float64Array(rows + 1);
    this.#mtime = counts();
    this.#lostFiles = counts();
    this.#lostBytes = new Float64Array(rows + 1);
    this.#lostMtime = counts();
    this.#fresh = counts();
    this.#changed = counts();
    this.#lost = counts();
    this.#links = counts();
    this.#cacheBytes = new Float64Array(rows + 1);
    this.#managed = counts();
    this.#unread = counts();
    this.#noise = Array.from({ length: codes.most + 1 }, counts);
    this.#hasChildren = new Uint8Array(rows + 1);
  }

  addRow(): number {
    const row = this.#rows;
    this.#rows += 1;
    return row;
  }

  /** How many were added. */
  get rows(): number {
    return this.#rows - 1;
  }

  setUnread(row: number): void {
    this.#unread[row] = 1;
  }

  /** Whether the folder itself could not be read; asked before folders are added up. */
  isUnread(row: number): boolean {
    return this.#unread[row] !== 0;
  }

  /** Adds a path that is no folder to that of its folder. `type` and `flags` are those of treeBuilder.ts, `code` its noise. */
  addLeaf(row: number, type: number, flags: number, bytes: number, mtime: number, code: number): void {
    const lost = (flags & LIVE) === 0;
    const changed = (flags & OLD) !== 0 && (flags & (CHANGED | PENDING)) !== 0;
    if (type === FILE) {
      add(lost ? this.#lostFiles : this.#files, row, 1);
      add(lost ? this.#lostBytes : this.#bytes, row, bytes);
      if (!lost && code === this.codes.cache) add(this.#cacheBytes, row, bytes);
    }
    newest(lost ? this.#lostMtime : this.#mtime, row, mtime);
    if (code === 0) {
      add(lost ? this.#lost : changed ? this.#changed : this.#fresh, row, 1);
      if (type === SYMLINK) add(this.#links, row, 1);
    } else {
      if (code === this.codes.store || (code === this.codes.activation && type === SYMLINK)) add(this.#managed, row, 1);
      this.#addNoise(row, code, 1);
    }
    this.#hasChildren[row] = 1;
  }

  /** Adds a folder to the one it lies in. One with nothing in it is noise, by `code`. */
  addFolder(row: number, folder: number, code: number): void {
    this.#hasChildren[row] = 1;
    if (this.#hasChildren[folder] === 0 && !this.isUnread(folder)) this.#addNoise(folder, code, 1);
    add(this.#files, row, this.#files[folder]);
    add(this.#bytes, row, this.#bytes[folder]);
    newest(this.#mtime, row, this.#mtime[folder]);
    add(this.#lostFiles, row, this.#lostFiles[folder]);
    add(this.#lostBytes, row, this.#lostBytes[folder]);
    newest(this.#lostMtime, row, this.#lostMtime[folder]);
    add(this.#fresh, row, this.#fresh[folder]);
    add(this.#changed, row, this.#changed[folder]);
    add(this.#lost, row, this.#lost[folder]);
    add(this.#links, row, this.#links[folder]);
    add(this.#cacheBytes, row, this.#cacheBytes[folder]);
    add(this.#managed, row, this.#managed[folder]);
    add(this.#unread, row, this.#unread[folder]);
    for (const column of this.#noise) add(column, row, column[folder]);
  }

  noise(row: number, code: number): number {
    return this.#noise[code]?.[row] ?? 0;
  }

  totals(row: number): Totals {
    return {
      files: this.#files[row] ?? 0,
      bytes: this.#bytes[row] ?? 0,
      mtime: this.#mtime[row] ?? 0,
      lostFiles: this.#lostFiles[row] ?? 0,
      lostBytes: this.#lostBytes[row] ?? 0,
      lostMtime: this.#lostMtime[row] ?? 0,
      fresh: this.#fresh[row] ?? 0,
      changed: this.#changed[row] ?? 0,
      lost: this.#lost[row] ?? 0,
      links: this.#links[row] ?? 0,
      cacheBytes: this.#cacheBytes[row] ?? 0,
      managed: this.#managed[row] ?? 0,
      unread: this.#unread[row] ?? 0,
    };
  }

  #addNoise(row: number, code: number, more: number): void {
    const column = this.#noise[code];
    if (column !== undefined) add(column, row, more);
  }
}

/** Nothing is written where nothing is added. */
function add(column: Uint32Array | Float64Array, row: number, more = 0): void {
  if (more > 0) column[row] = (column[row] ?? 0) + more;
}

function newest(column: Uint32Array, row: number, time = 0): void {
  if (time > (column[row] ?? 0)) column[row] = time;
}
