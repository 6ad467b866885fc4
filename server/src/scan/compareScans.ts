import type { HostScan, PathRecord } from "../hosts/model";
import { type ChangedPart, compareTrees, type Difference, pathsOf } from "./compareTrees";

/** One path that differs between two scans. A folder that came or went stands for all below it. */
export interface ScanChange {
  readonly path: string;
  readonly kind: Difference["kind"];
  /** As it is now; of a removed path, as it was. */
  readonly type: PathRecord["type"];
  /** Empty unless `changed`. */
  readonly parts: readonly ChangedPart[];
  /** Paths it stands for: itself and all below it that came or went with it. */
  readonly paths: number;
  /** Of the regular files among them: as they are now, or were. */
  readonly bytes: number;
}

/** What happened on a root between two scans of it. */
export interface ScanComparison {
  /** Whether the host was booted in between, so that a wiped root is another one; null where a boot time is not known. */
  readonly rebooted: boolean | null;
  /** In order of the tree: a folder's before those below it. */
  readonly changes: readonly ScanChange[];
  /** Paths, those below folded folders included. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Compares two scans of one host: see compareTrees for what counts. */
export function compareScans(before: HostScan, after: HostScan): ScanComparison {
  const changes: ScanChange[] = [];
  compareTrees(before, after, (difference) => {
    const { tree, node, kind, parts } = difference;
    changes.push({ path: tree.path(node), kind, type: tree.type(node), parts, ...pathsOf(difference) });
  });
  changes.sort(inTreeOrder);
  const count = (kind: ScanChange["kind"]) =>
    changes.reduce((sum, change) => sum + (change.kind === kind ? change.paths : 0), 0);
  return {
    rebooted: rebootedBetween(before, after),
    changes,
    added: count("added"),
    changed: count("changed"),
    removed: count("removed"),
  };
}

/** How much of a host is another than at the scan before. */
export interface ScanDrift {
  readonly rebooted: boolean | null;
  readonly paths: number;
  /** Mounts that came or went over what one of the scans read. */
  readonly mounts: number;
}

/** The same as numbers only. Null where the two are not of one root. */
export function driftBetween(before: HostScan, after: HostScan): ScanDrift | null {
  if (before.prefix !== after.prefix) return null;
  let paths = 0;
  const mounts = compareTrees(before, after, (difference) => {
    paths += pathsOf(difference).paths;
  });
  return { rebooted: rebootedBetween(before, after), paths, mounts };
}

function rebootedBetween(before: HostScan, after: HostScan): boolean | null {
  return before.bootTime === null || after.bootTime === null ? null : before.bootTime !== after.bootTime;
}

/** A folder right before what is in it, siblings by name. */
function inTreeOrder(a: ScanChange, b: ScanChange): number {
  const left = a.path.replaceAll("/", "\0");
  const right = b.path.replaceAll("/", "\0");
  return left < right ? -1 : left > right ? 1 : a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0;
}
