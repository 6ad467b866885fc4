import type { HostScan } from "../hosts/model";
import { type Coverage, covers } from "../persistence/coverage";
import { ancestorsOf } from "./levels";

/** What survives a reboot: what the configuration declares, and what is a mount of its own that no boot wipes. */
export interface Kept {
  /** True when `path` survives. */
  at(path: string): boolean;
  /** The same, for a path of whose parent it is known that it does not survive. */
  here(path: string): boolean;
  /** True when something strictly below `path` survives, so that `path` must not be proposed as a whole. */
  below(path: string): boolean;
}

/** Mounts that programs make and take away while they run; they keep nothing. */
const passing = /^(?:overlay|tmpfs|ramfs|nsfs|proc|sysfs|autofs|devpts|mqueue|efivarfs|cgroup2?|fuse(?:\..*)?)$/;

export function keptBy(scan: HostScan, coverage: Coverage): Kept {
  const wiped = new Set(["/", ...scan.ephemeralMounts]);
  const mounts = scan.mounts.filter((mount) => !wiped.has(mount.mountPoint));
  const mountPoints = new Set(mounts.map((mount) => mount.mountPoint));
  const above = ancestorsOf([
    ...coverage.directories,
    ...coverage.files,
    ...coverage.storages,
    ...mounts.filter((mount) => !passing.test(mount.fsType)).map((mount) => mount.mountPoint),
  ]);
  return {
    at: (path) => covers(coverage, path) || isAtOrBelow(path, mountPoints),
    here: (path) =>
      coverage.directories.has(path) ||
      coverage.storages.has(path) ||
      coverage.files.has(path) ||
      mountPoints.has(path),
    below: (path) => above.has(path),
  };
}

function isAtOrBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (folders.has(at)) return true;
  return false;
}
