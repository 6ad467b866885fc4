import { decodeBytes, isAtOrBelow, mountsBelow, parseMountinfo, type RawMount } from "./mountinfo";
import type { Birth } from "./mountinfoRoot";
import { neverWalked, outermost } from "./probePrune";
import type { Facts } from "./recordsFacts";

/** Where to walk and what to leave out. Paths are byte strings. */
export interface Layout {
  /** Mounts of the scanned root, relative to it. */
  readonly mounts: readonly RawMount[];
  /** What is really mounted below it now. */
  readonly here: readonly RawMount[];
  /** Whether they come from files kept in the root instead of the running kernel. */
  readonly recorded: boolean;
  /** For judging whether the root was made at this boot; null where it cannot tell. */
  readonly births: readonly Birth[] | null;
  /** Left out of the walk of the root, relative to it. */
  readonly prune: readonly string[];
  readonly old: {
    readonly folder: string;
    /** Relative to the scanned root, for people. */
    readonly shown: string;
    readonly prune: readonly string[];
  } | null;
}

/**
 * The same paths are left out of both roots: what is mounted now is not on the root, and below `/nix` and the like nothing
 * matters. What is really mounted below a folder is left out too, even when a recorded list does not know of it.
 */
export function layoutOf(facts: Facts, snapshotRoot: string, oldName: string | null): Layout {
  const real = parseMountinfo(facts.mountinfo);
  const here = mountsBelow(real, facts.root);
  const recordedMounts = facts.recordedMountinfo === null ? [] : parseMountinfo(facts.recordedMountinfo);
  const procMounted = here.some((mount) => isAtOrBelow(mount.mountPoint, "/proc"));
  const recorded = facts.root !== "/" && recordedMounts.length > 0 && !procMounted;
  const mounts = recorded ? mountsBelow(recordedMounts, "/") : here;

  const common = [...neverWalked, snapshotRoot, ...mounts.map((mount) => mount.mountPoint)];
  const prune = outermost([...common, ...here.map((mount) => mount.mountPoint)]);
  const covered = outermost(mounts.map((mount) => mount.mountPoint));
  const births = facts.births.filter((birth) => !covered.some((point) => isAtOrBelow(birth.path, point)));

  let old: Layout["old"] = null;
  if (facts.snapshots !== null && oldName !== null) {
    const folder = `${facts.snapshots}/${oldName}`;
    const below = mountsBelow(real, folder).map((mount) => mount.mountPoint);
    const shown = decodeBytes(`${snapshotRoot === "/" ? "" : snapshotRoot}/${oldName}`);
    old = { folder, shown, prune: outermost([...common, ...below]) };
  }
  return { mounts, here, recorded, births: recorded ? null : births, prune, old };
}
