import type { Mount } from "./model";
import { isAtOrBelow } from "./mountinfo";

/** One path that a host keeps now by binding it from a storage. */
export interface BoundPath {
  /** The storage path: `/persist`. */
  readonly storage: string;
  /** Where it is on the root: `/var/log`, in the storage at `/persist/var/log`. */
  readonly path: string;
}

/**
 * The mounts that are bound from a storage, as the persistence modules do it: the same path below another folder. That folder is found by the
 * mount that shows it: of the same device, with a root at or above it. Paths relative to the scanned root.
 */
export function boundPaths(mounts: readonly Mount[]): BoundPath[] {
  const bound: BoundPath[] = [];
  for (const mount of mounts) {
    const { mountPoint, root } = mount;
    if (mountPoint === "/" || !root.endsWith(mountPoint)) continue;
    // Where the storage begins on the file system: `/@persist`, or nothing for the whole of it.
    const base = root.slice(0, root.length - mountPoint.length) || "/";
    const shown = mounts
      .filter((other) => other !== mount && other.device === mount.device && isAtOrBelow(base, other.root))
      .filter((other) => !isAtOrBelow(other.mountPoint, mountPoint));
    const nearest = shown.reduce<Mount | null>(
      (best, other) => (best === null || other.root.length > best.root.length ? other : best),
      null,
    );
    if (nearest === null) continue;
    const rest = nearest.root === "/" ? base : base.slice(nearest.root.length);
    const storage = join(nearest.mountPoint, rest);
    // A file system that shows itself at its own path, as a container's does, keeps nothing by it.
    if (storage !== "/") bound.push({ storage, path: mountPoint });
  }
  return bound;
}

function join(folder: string, rest: string): string {
  const tail = rest === "/" ? "" : rest;
  return folder === "/" ? tail || "/" : folder + tail;
}
