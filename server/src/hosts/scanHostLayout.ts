import { decodeBytes, isAtOrBelow, mountsBelow, parseMountinfo, type RawMount } from "./mountinfo";
import type { Birth } from "./mountinfoRoot";
import { neverWalked, outermost } from "./probePrune";
import type { Facts } from "./recordsFacts";
import type { Places } from "./scanHostPlaces";

/** The mounts and times a scanned root is judged by. Paths are byte strings. */
export interface Situation {
  /** Every mount of the host, by its place on the host. */
  readonly real: readonly RawMount[];
  /** What is really mounted at or below the scanned root, relative to it. */
  readonly here: readonly RawMount[];
  /** Mounts of the scanned root, relative to it. */
  readonly mounts: readonly RawMount[];
  /** Whether they come from files kept in the root instead of the running kernel. */
  readonly recorded: boolean;
  /** For judging whether the root was made at this boot; null where it cannot tell, since it is not the root that runs. */
  readonly births: readonly Birth[] | null;
  /** Seconds since the epoch. */
  readonly bootTime: number | null;
}

export function situationOf(facts: Facts): Situation {
  const real = parseMountinfo(facts.mountinfo);
  const here = mountsBelow(real, facts.root);
  const recordedMounts = facts.recordedMountinfo === null ? [] : parseMountinfo(facts.recordedMountinfo);
  const procMounted = here.some((mount) => isAtOrBelow(mount.mountPoint, "/proc"));
  const recorded = facts.root !== "/" && recordedMounts.length > 0 && !procMounted;
  const mounts = recorded ? mountsBelow(recordedMounts, "/") : here;
  const covered = outermost(mounts.map((mount) => mount.mountPoint));
  const own = recorded ? facts.recordedBirths : facts.root === "/" ? facts.births : null;
  return {
    real,
    here,
    mounts,
    recorded,
    births: own?.filter((birth) => !covered.some((point) => isAtOrBelow(birth.path, point))) ?? null,
    bootTime: recorded ? facts.recordedBootTime : facts.bootTime,
  };
}

/** Where to walk and what to leave out. Paths are byte strings. */
export interface Layout {
  /** Left out of the walk of the root, relative to it. */
  readonly prune: readonly string[];
  readonly old: {
    readonly folder: string;
    /** Relative to the scanned root, for people. */
    readonly shown: string;
    readonly prune: readonly string[];
  } | null;
}

/** Where older roots are kept unless it is said otherwise; never walked as a part of the root. */
const usualFolder = "/.snapshots/old_roots";

/**
 * The same paths are left out of both roots: what is mounted now is not on the root, and below `/nix` and the like nothing
 * matters. What is really mounted below a folder is left out too, even when a recorded list does not know of it. Only what is wiped
 * like the root is walked with it.
 */
export function layoutOf(facts: Facts, { real, here, mounts }: Situation, { ephemeral, old, answer }: Places): Layout {
  const keptOld = answer.found.filter(({ place }) => place.onlyOldRoots).map(({ at }) => at);
  const folders = [...keptOld, ...old.usable.map(({ folder }) => folder)];
  const blank = old.blank === null ? [] : [old.blank];
  const inside = [...folders, ...blank].flatMap((folder) => insideOf(folder, facts.root) ?? []);
  const common = [...neverWalked, usualFolder, ...inside];
  const points = [...mounts, ...here].map((mount) => mount.mountPoint);
  const prune = outermost([...common, ...points.filter((point) => !ephemeral.includes(point))]);

  const folder = old.usable[0]?.folder ?? old.blank;
  if (folder === null) return { prune, old: null };
  const below = mountsBelow(real, folder).map((mount) => mount.mountPoint);
  const shown = shownPath(folder, facts.root);
  return { prune, old: { folder, shown, prune: outermost([...common, ...points, ...below]) } };
}

/** `folder` relative to `root`; null where it is the root or lies elsewhere. */
function insideOf(folder: string, root: string): string | null {
  if (folder === root || !isAtOrBelow(folder, root)) return null;
  return root === "/" ? folder : folder.slice(root.length);
}

/** A folder of the host as people know it: below the scanned root by its place there. */
export function shownPath(folder: string, root: string): string {
  return decodeBytes(insideOf(folder, root) ?? folder);
}
