/** What a scan brings from a host, as plain data. */

import type { Deployed } from "./modelDeployed";

export type * from "./modelDeployed";
export type * from "./modelJournal";

export type RootKind = "tmpfs" | "btrfs" | "bcachefs" | "zfs" | "plain" | "unknown";

export interface RootInfo {
  readonly kind: RootKind;
  /** Mount source as the kernel names it, e.g. `/dev/sda2`. */
  readonly source: string;
  /** File-system type, e.g. `ext4`. */
  readonly fsType: string;
  /** Root within the file system, e.g. `/@root`; `/` where the whole file system is mounted. */
  readonly subvolume: string;
  /**
   * True when wiped at boot, false when it plainly is not (older than the boot; an ext4 that was not made at this boot), null when not
   * known, as of a folder that is no running root.
   */
  readonly ephemeral: boolean | null;
}

/** One line of mountinfo that matters: paths decoded, relative to the scanned root. */
export interface Mount {
  readonly mountPoint: string;
  /** Root of the mount within its file system: `/@persist/var/log`. */
  readonly root: string;
  readonly fsType: string;
  readonly source: string;
  /** `major:minor`. */
  readonly device: string;
}

export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** One path on the ephemeral root. */
export interface PathRecord {
  /** Absolute, raw bytes decoded as UTF-8; `valid` is false when the bytes were not UTF-8 (then U+FFFD stands in). */
  readonly path: string;
  readonly validUtf8: boolean;
  readonly type: "file" | "directory" | "symlink" | "socket" | "fifo" | "device";
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  /** Octal, e.g. `0755`. */
  readonly mode: string;
  /** Where a symbolic link points, else null. */
  readonly target: string | null;
}

export type CandidateStatus = "new" | "changed" | "lost";
export type Verdict = "persist" | "probably" | "ignore" | "declare";

/** Who keeps a path, and how that is known. */
export interface Writer {
  /**
   * The strongest evidence: a setting of a unit (`StateDirectory`, …), a rule of tmpfiles.d that makes the path, the owner, the home it
   * lies in, or the catalog of what programs keep where.
   */
  readonly source:
    | "StateDirectory"
    | "CacheDirectory"
    | "LogsDirectory"
    | "ConfigurationDirectory"
    | "tmpfiles"
    | "owner"
    | "home"
    | "catalog";
  /** `forgejo.service`, where a unit is known. */
  readonly unit: string | null;
  /** Whose it is, by name: of the path, or of the home. */
  readonly user: string | null;
  /** `Forgejo` where the catalog knows it, else what the unit starts: `forgejo-11.0.3/bin/gitea`. */
  readonly program: string | null;
  /** For people: `StateDirectory of forgejo.service`, `owned by postgres`. */
  readonly text: string;
}

/** An uncovered path worth a decision, at the level a person would write it. */
export interface Candidate {
  readonly path: string;
  readonly kind: "directory" | "file";
  readonly status: CandidateStatus;
  readonly verdict: Verdict;
  /** For people, sentences: `about`, then what the scan saw (size, owner, age). */
  readonly reason: string;
  /** For people: what it is, who keeps it, and what is lost without it. */
  readonly about: string;
  /** Null where nothing tells. */
  readonly by: Writer | null;
  /** What it belongs to: `services`, `system`, or `user:NAME` for what lies in a home. */
  readonly section: string;
  readonly bytes: number;
  /** Regular files at or below it. */
  readonly files: number;
  /** Owner by name, or the number where the host has no name for it. */
  readonly user: string;
  readonly group: string;
  /** Octal, `0700`. */
  readonly mode: string;
  /** Newest mtime at or below it, seconds since the epoch. */
  readonly mtime: number;
  /** The user whose home the path lies in, else null. */
  readonly homeOf: { readonly user: string; readonly home: string } | null;
  /** Why this path cannot be written in Nix, else null. */
  readonly unwritable: string | null;
}

/** What would be lost, ranked: most important first. */
export interface ScanReport {
  readonly version: 1;
  readonly host: string;
  readonly root: RootInfo;
  /** ISO 8601, or null where not known. */
  readonly bootTime: string | null;
  /** True where the root is not wiped at boot: the candidates are then what state there is, and nothing of it is about to be lost. */
  readonly inventory: boolean;
  readonly candidates: readonly Candidate[];
  /** Reason → number of files, links and empty folders folded away; of what the user ignores, each with all below it counts once. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Paths that could not be read. */
  readonly unread: readonly string[];
}

/** What `columns.types` of a tree are indexes of. */
export const TYPES: readonly PathRecord["type"][] = ["file", "directory", "symlink", "socket", "fifo", "device"];
export const FILE = 0;
export const DIRECTORY = 1;
export const SYMLINK = 2;

/**
 * What `columns.flags` of a tree are made of: in the scanned root; in the old root; different in the two; waiting for its contents to be
 * compared; a folder of the scanned root that could not be read.
 */
export const LIVE = 1;
export const OLD = 2;
export const CHANGED = 4;
export const PENDING = 8;
export const UNREAD = 16;

export type NodeId = number;

/**
 * The paths of a scan as a tree, compact enough for a million of them. Nodes are numbers; node 0 is `/`, and a folder's number is
 * smaller than those of the paths in it. A folder that only exists in the old root is there too, with status `lost`.
 */
export interface ScanTree {
  readonly root: NodeId;
  /** Number of nodes. */
  readonly size: number;
  name(node: NodeId): string;
  /** The bytes of all names, for what looks at each of them: that of a node begins at `starts[node]` of `pool`. */
  readonly nameBytes: { readonly pool: Uint8Array; readonly starts: Uint32Array; readonly lengths: Uint16Array };
  /** What the functions below answer, as it is kept, for what looks at each path. See {@link TYPES} and {@link LIVE} for the codes. */
  readonly columns: {
    readonly types: Uint8Array;
    readonly flags: Uint8Array;
    readonly parents: Uint32Array;
    readonly sizes: Float64Array;
    readonly mtimes: Uint32Array;
  };
  /** False when the name's bytes were not UTF-8; `name` then carries U+FFFD. */
  validUtf8(node: NodeId): boolean;
  type(node: NodeId): PathRecord["type"];
  /** Bytes of the path itself; 0 for folders. */
  bytes(node: NodeId): number;
  mtime(node: NodeId): number;
  uid(node: NodeId): number;
  gid(node: NodeId): number;
  /** Octal, four digits: `0755`. */
  mode(node: NodeId): string;
  target(node: NodeId): string | null;
  /** Against the old root; `new` for all where there is no old root. */
  status(node: NodeId): "new" | "changed" | "regenerated" | "lost";
  /** True for a folder of the scanned root that could not be read: it has no children here, whatever the old root has in it. */
  unread(node: NodeId): boolean;
  /** In order of name, bytewise. */
  children(node: NodeId): Uint32Array;
  parent(node: NodeId): NodeId;
  path(node: NodeId): string;
  find(path: string): NodeId | null;
}

/** What a scan took. */
export interface ScanCost {
  /** From a connection being there until all was read. */
  readonly milliseconds: number;
  /** Bytes that commands on the host were given and answered, without what the transport adds. */
  readonly sent: number;
  readonly received: number;
  /** How many walks went on side by side. */
  readonly walks: 1 | 2;
}

/** Everything one scan read from a host. Immutable; reports are derived from it again after each edit. */
export interface HostScan {
  /** The name it was asked for by. */
  readonly host: string;
  /** What the host calls itself; null where that is not known, as of a root that does not run. */
  readonly name: string | null;
  readonly root: RootInfo;
  /** Seconds since the epoch. */
  readonly bootTime: number | null;
  /** Every mount below the scanned root, `/` included. */
  readonly mounts: readonly Mount[];
  /** Mount points other than `/` that are wiped at boot like the root, e.g. `/home`: they were walked with it and keep nothing. */
  readonly ephemeralMounts: readonly string[];
  readonly users: readonly HostUser[];
  readonly groups: ReadonlyMap<number, string>;
  readonly tree: ScanTree;
  /** The older root compared with, e.g. `/.snapshots/old_roots/2026-11-21_09-30-00`. */
  readonly oldRoot: string | null;
  /** Every older root found, newest first, the one compared with among them. */
  readonly oldRoots: readonly string[];
  /**
   * The empty root that each boot starts from, compared with where there is no older root: `/btrfs/@blank`, `rpool/root@blank`. What is
   * the same there comes back at boot (`regenerated`), and nothing is `lost`.
   */
  readonly blank: string | null;
  readonly unread: readonly string[];
  /** What the host runs from; null where that was not asked, as of a root that does not run. */
  readonly deployed: Deployed | null;
  /** Absent where nothing was read from a host. */
  readonly cost?: ScanCost;
  /** The folder of the host that was scanned as if it were `/`, absolute: all paths here are below it. Absent for `/` itself. */
  readonly prefix?: string;
  /** How the host was reached, and why so; absent where the connection was given. */
  readonly via?: { readonly client: "ssh2" | "openssh" | "local"; readonly reason: string };
  /** Things the user should know: "scanned without root: `sudo -n` asks for a password". */
  readonly notes: readonly string[];
}
