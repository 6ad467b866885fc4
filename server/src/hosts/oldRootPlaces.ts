import { isAtOrBelow, type RawMount } from "./mountinfo";

/** A folder that may hold older roots. */
export interface Place {
  /** Byte string: relative to the scanned root, or absolute where the user named it. */
  readonly folder: string;
  /** Whether such a folder has older roots only, so that a name without a time counts as well. */
  readonly onlyOldRoots: boolean;
  /** Looked at only to be named, where the folder the user named has no older root. */
  readonly hint?: boolean;
}

/** Where the well-known scripts keep older roots, wherever that is mounted from. */
const usual = [".snapshots/old_roots", "btrfs_tmp/old_roots", "old_roots", "persist/old_roots", "mnt/old_roots"];
/** Where they keep them on the top-level subvolume. */
const belowTop = ["old_roots", "@old_roots", "@snapshots/old_roots", "snapshots/old_roots", ".snapshots/old_roots"];
const snapshotsBelowTop = ["", "@snapshots", "snapshots"];
/** A subvolume for snapshots, by its name. */
const snapshotVolume = /(?:^|\/)[@._-]*(?:snapshots?|old[-_]?roots?|root[-_]?snapshots?)$/i;
/** More places than this no host has. */
const mostPlaces = 200;

/**
 * The folders to look for older roots in: the one the user named, or else the usual ones and those on mounts of the root's file
 * system that show its top-level subvolume or one for snapshots. Of a named one those around it and the others are hints.
 * @param mounts those of the scanned root, `/` first.
 */
export function placesToLook(mounts: readonly RawMount[], named: string | null): Place[] {
  const usualPlaces = unnamedPlaces(mounts);
  if (named === null) return usualPlaces;
  const above = named.slice(0, named.lastIndexOf("/"));
  const hints: readonly Place[] = [
    ...usualPlaces,
    ...belowTop.map((below) => ({ folder: `${named}/${below}`, onlyOldRoots: true })),
    ...(above === "" ? [] : [{ folder: above, onlyOldRoots: false }]),
  ];
  return [{ folder: named, onlyOldRoots: true }, ...hints.map((place) => ({ ...place, hint: true }))];
}

function unnamedPlaces(mounts: readonly RawMount[]): Place[] {
  const places = new Map<string, Place>();
  const add = (folder: string, onlyOldRoots: boolean): void => {
    if (!places.has(folder) && places.size < mostPlaces) places.set(folder, { folder, onlyOldRoots });
  };
  for (const folder of usual) add(folder, true);
  const root = mounts.find((mount) => mount.mountPoint === "/");
  for (const mount of mounts) {
    if (root === undefined || mount.device !== root.device || mount.mountPoint === "/") continue;
    if (["/nix", "/proc", "/sys", "/dev"].some((folder) => isAtOrBelow(mount.mountPoint, folder))) continue;
    const point = mount.mountPoint.slice(1);
    if (mount.root === "/") {
      for (const below of belowTop) add(`${point}/${below}`, true);
      for (const below of snapshotsBelowTop) add(below === "" ? point : `${point}/${below}`, false);
    } else if (snapshotVolume.test(mount.root)) {
      add(`${point}/old_roots`, true);
      add(point, /old/i.test(mount.root));
    }
  }
  return [...places.values()];
}
