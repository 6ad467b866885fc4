import type { Place } from "./oldRootPlaces";
import { FrameError, type OnRecord } from "./probeFrame";

/** What a folder that may be an older root looks like: with `etc` or `var` in it, without, or not to be read. */
type Holds = "root" | "other" | "closed";

/** A place that is there. Byte strings. */
export interface PlaceFound {
  readonly place: Place;
  /** Without links, absolute. */
  readonly at: string;
  readonly entries: readonly { readonly name: string; readonly holds: Holds }[];
}

/** When the root folder of a mount was made. */
export interface MountBirth {
  /** Below the scanned root: `/`, `/home`. Byte string. */
  readonly path: string;
  /** Seconds since the epoch; null where the file system keeps none. */
  readonly born: number | null;
  readonly inode: number;
  /** When the btrfs subvolume was made: a snapshot keeps the `born` of what it was taken of. Null where that is not known. */
  readonly created: number | null;
}

export interface PlacesAnswer {
  readonly found: readonly PlaceFound[];
  /** Places that are there and may not be read. */
  readonly closed: readonly Place[];
  /** The host's clock, seconds since the epoch. */
  readonly now: number | null;
  readonly births: readonly MountBirth[];
  /** Paths of the subvolumes of a btrfs below its top, mounted or not; empty where they could not be asked for. */
  readonly subvolumes: readonly string[];
  /** Snapshots of the root's zfs dataset: `rpool/root@blank`. */
  readonly zfsSnapshots: readonly string[];
}

/** Collects the records of `places`: keys and values in turn. `asked` as the probe got them. */
export function placesReader(asked: readonly Place[]): { readonly onRecord: OnRecord; read(): PlacesAnswer } {
  const found = new Map<string, { place: Place; at: string; entries: PlaceFound["entries"][number][] }>();
  const closed: Place[] = [];
  const texts = new Map<string, string>();
  const created = new Map<string, number>();
  let place: Place | null = null;
  let entries: PlaceFound["entries"][number][] = [];
  let key: string | null = null;

  const take = (name: string, value: string): void => {
    if (name === "folder" || name === "closed") {
      place = (/^\d{1,4}$/.test(value) ? asked[Number(value)] : undefined) ?? null;
      if (place === null) throw new FrameError("it tells of a folder that was not asked for");
      if (name === "closed") closed.push(place);
    } else if (name === "at") {
      if (place === null || !value.startsWith("/")) throw new FrameError("its folders have no place");
      entries = [];
      // One folder may be seen by several names; the first is the more usual one.
      if (!found.has(value)) found.set(value, { place, at: value, entries });
    } else if (name === "entry") {
      const child = value.slice(1);
      if (child === "" || child.includes("/")) throw new FrameError("a folder of it has a broken name");
      const holds = value.startsWith("+") ? "root" : value.startsWith("!") ? "closed" : "other";
      entries.push({ name: child, holds });
    } else if (name === "created") {
      const at = value.indexOf("\n");
      const made = creationTime(value.slice(at + 1));
      if (at > 0 && made !== null) created.set(pathOf(value.slice(0, at)), made);
    } else texts.set(name, value);
  };

  return {
    onRecord(bytes, from, to) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
      if (key === null) key = text;
      else {
        take(key, text);
        key = null;
      }
    },
    read() {
      if (key !== null) throw new FrameError("what it tells of folders stops halfway");
      const now = texts.get("now") ?? "";
      return {
        found: [...found.values()],
        closed,
        now: /^\d{1,12}$/.test(now) ? Number(now) : null,
        births: parseBirths(texts.get("births") ?? "", created),
        subvolumes: lines(texts.get("subvolumes")).flatMap((line) => /^ID \d+ .*? path (.+)$/.exec(line)?.[1] ?? []),
        zfsSnapshots: lines(texts.get("zfs")).filter((line) => /^[^@]+@[^@]+$/.test(line)),
      };
    },
  };
}

function lines(text: string | undefined): string[] {
  return text === undefined ? [] : text.split("\n").filter((line) => line !== "");
}

/** `.` and `./home` as the probe has them, as paths below the root. */
function pathOf(relative: string): string {
  return relative === "." ? "/" : relative.slice(1);
}

/** Lines of `stat -c '%W %Z %i %n'`. */
function parseBirths(text: string, created: ReadonlyMap<string, number>): MountBirth[] {
  return lines(text).flatMap((line) => {
    const match = /^(\S+) \S+ (\d{1,20}) (\.|\.\/.+)$/.exec(line);
    if (match === null) return [];
    const [, born = "", inode = "", name = ""] = match;
    const path = pathOf(name);
    return [
      {
        path,
        born: /^[1-9]\d{0,11}$/.test(born) ? Number(born) : null,
        inode: Number(inode),
        created: created.get(path) ?? null,
      },
    ];
  });
}

/** `Creation time: 2026-11-30 20:00:00 +0000` in what `btrfs subvolume show` prints. */
function creationTime(text: string): number | null {
  const match = /^\s*Creation time:\s+(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/m.exec(text);
  if (match === null) return null;
  const [, day = "", time = "", hours = "", minutes = ""] = match;
  const at = Date.parse(`${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(at) ? null : at / 1000;
}
