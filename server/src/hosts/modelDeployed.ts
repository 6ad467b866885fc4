/** What a host runs from now, besides the paths on its root: enough to compare text, host and storage. Plain data. */

/** One path as `lstat` shows it, wherever it lies. */
export interface SeenPath {
  readonly type: "file" | "directory" | "symlink" | "socket" | "fifo" | "device";
  /** Bytes; 0 for all but regular files. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** Names, or the numbers where the host has no name for them. */
  readonly user: string;
  readonly group: string;
  /** Octal, four digits: `0755`. */
  readonly mode: string;
  /** Where a symbolic link points, as written; else null. */
  readonly target: string | null;
  /** A folder with nothing in it, a file of 0 bytes; null where that could not be read. */
  readonly empty: boolean | null;
}

/** What lies below one storage path, as far as it was looked at. */
export interface StoredTree {
  /** `/persist`. */
  readonly storage: string;
  /** False where the host has nothing at that path. */
  readonly present: boolean;
  /**
   * By the path it would have on the root: `/var/lib/nixos` for `/persist/var/lib/nixos`. Folders that are persisted as a whole
   * are in it, what lies in them is not.
   */
  readonly paths: ReadonlyMap<string, SeenPath>;
  /** Folders of `paths` whose contents are all in `paths`, too: what is not there does not exist. `/` for the storage itself. */
  readonly listed: ReadonlySet<string>;
}

/** A unit of systemd that keeps something, as systemd has it loaded. */
export interface HostUnit {
  /** `forgejo.service`. */
  readonly name: string;
  readonly description: string;
  /** `active`, `inactive`, `failed`, … */
  readonly state: string;
  readonly dynamicUser: boolean;
  /** Null where none is set: root, or a user made when it starts. */
  readonly user: string | null;
  readonly group: string | null;
  /** Absolute, by their public names: `/var/lib/forgejo` (of a unit with DynamicUser the data lies in `/var/lib/private/…`). */
  readonly stateDirectories: readonly string[];
  readonly cacheDirectories: readonly string[];
  readonly logsDirectories: readonly string[];
  readonly configurationDirectories: readonly string[];
  /** The program it starts, without the store path: `forgejo-11.0.3/bin/gitea`; null where none is seen. */
  readonly program: string | null;
}

/** One line of tmpfiles.d(5) that makes or adjusts a path. */
export interface TmpfilesRule {
  /** The letter: `d`, `C`, `L`, … */
  readonly type: string;
  readonly path: string;
  readonly mode: string | null;
  readonly user: string | null;
  readonly group: string | null;
  /** The file it stands in, without the folder: `forgejo.conf`. */
  readonly file: string;
}

/** How full the root file system is, bytes. */
export interface RootSpace {
  readonly total: number;
  /** For ordinary users. */
  readonly free: number;
}

/** What was found out about a running host. A part that could not be read is empty, and `notes` say so. */
export interface Deployed {
  readonly units: readonly HostUnit[];
  readonly tmpfiles: readonly TmpfilesRule[];
  readonly storages: readonly StoredTree[];
  /**
   * The live paths of entries and of the folders above them, mounted or not, as the host shows them now. A path that was asked for and
   * is not there is null; one that was not asked for is missing.
   */
  readonly live: ReadonlyMap<string, SeenPath | null>;
  /** Live paths that were asked for and are there, of which no more could be told; none where left out. */
  readonly unknown?: ReadonlySet<string>;
  readonly space: RootSpace | null;
  /** For people. */
  readonly notes: readonly string[];
}
