import { decodeBytes, isAtOrBelow, type RawMount } from "./mountinfo";
import { neverWalked } from "./probePrune";

/** Where programs are: what is bound there on some systems, `/usr/lib` at `/lib`, is no state. */
const programs = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** One path that a host keeps now by binding it from a storage. */
export interface BoundPath {
  /** The storage path: `/persist`. */
  readonly storage: string;
  /** Where it is on the root: `/var/log`, in the storage at `/persist/var/log`. */
  readonly path: string;
}

/**
 * The mounts that are bound from a storage, as the persistence modules do it: the same path below another folder. That folder is found by the
 * mount that shows it: of the same device, with a root at or above it. A whole subvolume is no such mount, however it is named.
 */
export function boundPaths(mounts: readonly RawMount[]): BoundPath[] {
  const bound: BoundPath[] = [];
  for (const mount of mounts) {
    const { mountPoint, root } = mount;
    if (mountPoint === "/" || !root.endsWith(mountPoint) || root === mount.subvolume) continue;
    if ([...neverWalked, ...programs].some((folder) => isAtOrBelow(mountPoint, folder))) continue;
    // Where the storage begins on the file system: `/@persist`, or nothing for the whole of it.
    const base = root.slice(0, root.length - mountPoint.length) || "/";
    const shown = mounts
      .filter((other) => other !== mount && other.device === mount.device && isAtOrBelow(base, other.root))
      .filter((other) => !isAtOrBelow(other.mountPoint, mountPoint));
    const nearest = shown.reduce<RawMount | null>(
      (best, other) => (best === null || other.root.length > best.root.length ? other : best),
      null,
    );
    if (nearest === null) continue;
    const rest = nearest.root === "/" ? base : base.slice(nearest.root.length);
    const storage = join(nearest.mountPoint, rest);
    // A file system that shows itself at its own path, as a container's does, keeps nothing by it.
    if (storage !== "/") bound.push({ storage: decodeBytes(storage), path: decodeBytes(mountPoint) });
  }
  return bound;
}

function join(folder: string, rest: string): string {
  const tail = rest === "/" ? "" : rest;
  return folder === "/" ? tail || "/" : folder + tail;
}
