import type { RootInfo, RootKind } from "./model";
import { decodeBytes, type RawMount } from "./mountinfo";

/** When something on the root came into being, by `stat`. Seconds since the epoch. */
export interface Birth {
  /** Below the root: `/`, `/etc`. */
  readonly path: string;
  /** Birth time, or null where the file system keeps none. */
  readonly born: number | null;
  /** Last change of the inode: never before the birth, and nothing can set it back. */
  readonly changed: number;
}

/** What else tells when the root was made. Seconds since the epoch; null where not known. */
export interface RootTimes {
  /** When its subvolume was made; a snapshot keeps the times of birth of what it was taken of. */
  readonly created: number | null;
  /** When the file system or subvolume of `/nix` was made, which no boot wipes. */
  readonly store: number | null;
}

const noTimes: RootTimes = { created: null, store: null };

const plainTypes = new Set(["ext2", "ext3", "ext4", "xfs", "f2fs", "jfs", "reiserfs", "nilfs2", "ntfs3", "vfat"]);

function kindOf(fsType: string): RootKind {
  if (fsType === "tmpfs" || fsType === "ramfs") return "tmpfs";
  if (fsType === "btrfs" || fsType === "bcachefs" || fsType === "zfs") return fsType;
  return plainTypes.has(fsType) ? "plain" : "unknown";
}

/**
 * What the root file system is. `births` are those of paths on the root's own file system, or null where they say nothing
 * about the root that was (a recorded one).
 */
export function rootInfo(
  mounts: readonly RawMount[],
  bootTime: number | null,
  births: readonly Birth[] | null,
  times: RootTimes = noTimes,
): RootInfo {
  const mount = mounts.find((each) => each.mountPoint === "/");
  if (mount === undefined) return { kind: "unknown", source: "", fsType: "", subvolume: "/", ephemeral: null };
  const kind = kindOf(mount.fsType);
  return {
    kind,
    source: decodeBytes(mount.source),
    fsType: decodeBytes(mount.fsType),
    subvolume: decodeBytes(mount.root),
    ephemeral:
      kind === "tmpfs"
        ? true
        : births === null
          ? unseen(kind)
          : judge(kind, bootTime, births, { ...times, holdsStore: holdsStore(mounts, mount) }),
  };
}

/** Whether the store lies on the root's own file system; that NixOS mounts it once more, read-only, changes nothing. */
function holdsStore(mounts: readonly RawMount[], root: RawMount): boolean {
  const store = mounts.findLast(({ mountPoint }) => mountPoint === "/nix" || mountPoint === "/nix/store");
  return store === undefined || store.device === root.device;
}

/** Of a root that does not run: nobody makes an ext4 or the like anew at each boot. */
function unseen(kind: RootKind): boolean | null {
  return kind === "plain" ? false : null;
}

/** The wipe runs shortly after the boot time that the kernel reports; clocks are set during boot. */
const slack = 600;
/** An installer makes all subvolumes within this time. */
const installed = 120;
/** A hardware clock in local time is off by up to 14 hours until it is set. */
const surelyOlder = 86_400;

/**
 * Was this root made at this boot? A root that is rolled back to an empty snapshot keeps the old birth time of `/`, so that
 * alone proves nothing where there are snapshots; the folders and files in it do.
 */
function judge(
  kind: RootKind,
  bootTime: number | null,
  births: readonly Birth[],
  { created, store, holdsStore }: RootTimes & { readonly holdsStore: boolean },
): boolean | null {
  if (bootTime === null) return unseen(kind);
  const made = (birth: Birth): boolean => birth.born !== null && birth.born >= bootTime - slack;
  const older = (birth: Birth, by: number): boolean => (birth.born ?? birth.changed) < bootTime - by;
  const root = births.find((birth) => birth.path === "/");
  const inside = births.filter((birth) => birth.path !== "/");
  const rootMade = created ?? root?.born ?? null;

  // The first boot after an installation: what no boot wipes is as young.
  const young = rootMade !== null && rootMade >= bootTime - slack;
  if (young && store !== null && Math.abs(rootMade - store) <= installed) return null;
  // The whole of such a file system is made anew, or nothing: not where it holds what the host boots from.
  if (young && kind === "plain" && holdsStore) return null;
  if (created !== null && created >= bootTime - slack) return true;
  if (root !== undefined && made(root)) return true;
  if (inside.length >= 3 && inside.every(made)) return true;
  if (kind === "plain" && root !== undefined && root.born !== null && older(root, surelyOlder)) return false;
  const file = births.find((birth) => birth.path === "/etc/passwd");
  if (file === undefined || !older(file, surelyOlder)) return null;
  return inside.filter((birth) => older(birth, surelyOlder)).length >= 3 ? false : null;
}
