import { decodeBytes } from "./mountinfo";
import { isBlankName, timeInName } from "./oldRootNames";
import type { PlaceFound } from "./recordsPlaces";

/** An older root that can be compared with. Paths are byte strings, absolute on the host. */
export interface OldRoot {
  readonly folder: string;
  /** From its name, seconds since the epoch; null where the name tells none. */
  readonly time: number | null;
}

export interface OldRoots {
  /** Newest first. */
  readonly usable: readonly OldRoot[];
  /** The empty root each boot starts from; null where none is seen. */
  readonly blank: string | null;
  /** Folders with the name of an older root that hold none: empty, half made, or closed to us. */
  readonly unusable: readonly string[];
}

/** Names that lie further in the future than any time zone come from a clock that was wrong. */
const ahead = 86_400;
/** A root is put aside early in the boot, after a passphrase was typed; a later snapshot is of the root that runs. */
const afterBoot = 3600;

/**
 * Sorts what was found into older roots and the rest.
 * @param now the host's time; `bootTime` null where not known. Both in seconds since the epoch.
 */
export function chooseOldRoots(found: readonly PlaceFound[], now: number | null, bootTime: number | null): OldRoots {
  const usable: OldRoot[] = [];
  const undated: OldRoot[] = [];
  const unusable: string[] = [];
  let blank: string | null = null;
  for (const { place, at, entries } of found) {
    if (place.hint === true) continue;
    for (const { name, holds } of entries) {
      const folder = at === "/" ? `/${name}` : `${at}/${name}`;
      if (isBlankName(name)) {
        if (holds !== "closed") blank ??= folder;
        continue;
      }
      const time = timeInName(decodeBytes(name));
      // Tools that make snapshots while the host runs keep them in folders of their own.
      if (time === null ? !place.onlyOldRoots : !place.onlyOldRoots && bootTime !== null && time > bootTime + afterBoot)
        continue;
      // What has no time in its name and nothing of a root in it, is something else.
      if (holds !== "root" && (time !== null || holds === "closed")) unusable.push(folder);
      else if (holds === "root") (time === null ? undated : usable).push({ folder, time });
    }
  }
  const wrong = ({ time }: OldRoot): number => (now !== null && time !== null && time > now + ahead ? 1 : 0);
  usable.sort(
    (one, other) =>
      wrong(one) - wrong(other) || (other.time ?? 0) - (one.time ?? 0) || (one.folder < other.folder ? 1 : -1),
  );
  undated.sort((one, other) => (one.folder < other.folder ? 1 : -1));
  return { usable: [...usable, ...undated], blank, unusable };
}

/** The folder that the user may have meant by one without older roots; null where none has any. */
export function folderMeant(found: readonly PlaceFound[], now: number | null, bootTime: number | null): string | null {
  const hints = found.flatMap((one) =>
    one.place.hint === true ? [{ ...one, place: { ...one.place, hint: false } }] : [],
  );
  const named = found.find(({ place }) => place.hint !== true)?.at;
  const dated = chooseOldRoots(hints, now, bootTime).usable.filter(({ time }) => time !== null);
  const below = dated.find(({ folder }) => named !== undefined && folder.startsWith(`${named}/`));
  const meant = (below ?? dated[0])?.folder;
  return meant === undefined ? null : meant.slice(0, meant.lastIndexOf("/")) || "/";
}
