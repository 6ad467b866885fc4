import { type PathRecord, TYPES } from "./model";
import { decodeBytes } from "./mountinfo";
import { readLine } from "./plainLine";
import { FrameError, type OnRecord } from "./probeFrame";

/** One path as the probe's part `deployed` shows it. */
export interface SeenRecord {
  /** What is known of its contents: see `record` in probeTextDeployed.ts. */
  readonly sign: "!" | "0" | "/" | "+" | "-";
  readonly type: PathRecord["type"];
  readonly size: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: string;
  /** Of its file system. */
  readonly device: string;
  /** As find prints it: below the storage, or beginning with `./`. */
  readonly path: string;
  target: string | null;
}

/** What one look into a storage found, in find's order. */
export interface Look {
  readonly records: readonly SeenRecord[];
  /** `all`; `cut` where the limit or the time ended it; `some` where parts could not be read. */
  readonly extent: "all" | "cut" | "some";
  /** Whether there is a path in it of which no more is known; its extent is `some` then. */
  readonly gaps: boolean;
}

export interface StorageRecords {
  readonly storage: string;
  /** Null where it could not be told. */
  readonly present: boolean | null;
  readonly looks: readonly Look[];
}

interface OpenLook {
  readonly records: SeenRecord[];
  gaps: boolean;
  extent: Look["extent"];
}

/** A configuration text of the host. */
interface HostText {
  /** `etc/tmpfiles.d`. */
  readonly folder: string;
  /** Below that. */
  readonly path: string;
  /** What is left of it; null where it leads to no file. */
  readonly lines: string | null;
}

/** What the probe's part `deployed` says, as text; nothing of it is judged yet. */
export interface DeployedRecords {
  /** Output of `systemctl show`; null where it says nothing. */
  readonly systemctl: string | null;
  readonly unitFiles: readonly HostText[];
  readonly tmpfiles: readonly HostText[];
  readonly storages: readonly StorageRecords[];
  readonly live: readonly SeenRecord[];
  /** Live paths that are there and of which no more is known. */
  readonly liveUnknown: readonly string[];
  /** Output of `stat -f -c '%S %b %a'`, or a line of `df -Pk`. */
  readonly space: string;
  /** Tools that do not work there. */
  readonly lacks: readonly string[];
}

const types: Readonly<Record<string, PathRecord["type"]>> = {
  f: "file",
  d: "directory",
  l: "symlink",
  s: "socket",
  p: "fifo",
  b: "device",
  c: "device",
};
const recordForm =
  /^([!0/+-])([a-zD]) (\d{1,16}) (-?\d{1,15})(?:\.\d*)? (\d{1,10}) (\d{1,10}) ([0-7]{1,5}) (\d{1,20}) ([\s\S]*)$/;
/** Values after each key. */
const arity: Readonly<Record<string, number>> = {
  "#space": 1,
  "#lack": 1,
  "#systemctl": 1,
  "#unit": 3,
  "#unit-lines": 2,
  "#tmpfiles": 3,
  "#tmpfiles-lines": 2,
  "#storage": 1,
  "#absent": 0,
  "#present": 0,
  "#live": 0,
  "#shown": 3,
  "#unknown": 1,
};

/** Which of its tools a host without the GNU ones tells with, and its clock, seconds since the epoch. */
export interface PlainTools {
  readonly flavour: "stat" | "ls";
  readonly now: number;
}

/**
 * Collects the records of `deployed`, or with `plain` those of `plaindeployed`: keys with their values, and paths. Both throw FrameError where
 * these are none of ours.
 */
export function deployedReader(plain: PlainTools | null): { readonly onRecord: OnRecord; read(): DeployedRecords } {
  const texts: { readonly kind: string; readonly folder: string; readonly path: string; readonly file: string }[] = [];
  const lines = new Map<string, string>();
  const storages: { storage: string; present: boolean | null; looks: OpenLook[] }[] = [];
  const live: SeenRecord[] = [];
  const liveUnknown: string[] = [];
  const lacks: string[] = [];
  let systemctl: string | null = null;
  let space = "";
  let key = "";
  let wanted = 0;
  let values: string[] = [];
  let into: SeenRecord[] | null = null;
  let last: SeenRecord | null = null;

  const broken = (text: string) =>
    new FrameError(`its account of what it runs from has a broken record (${JSON.stringify(text.slice(0, 80))})`);

  const begin = (): void => {
    const look: OpenLook = { records: [], gaps: false, extent: "cut" };
    storages.at(-1)?.looks.push(look);
    into = look.records;
    last = null;
  };

  const add = (record: SeenRecord | null): void => {
    if (record === null || into === null) throw broken(values.join(" "));
    last = record;
    into.push(record);
  };

  const finish = (): void => {
    const [first = "", second = "", third = ""] = values;
    if (key === "#space") space = first;
    else if (key === "#lack") lacks.push(first);
    else if (key === "#systemctl") systemctl = decodeBytes(first);
    else if (key === "#unit" || key === "#tmpfiles")
      texts.push({ kind: key, folder: first, path: second, file: third });
    else if (key === "#unit-lines" || key === "#tmpfiles-lines") splitLines(second, lines);
    else if (key === "#storage") {
      storages.push({ storage: first, present: null, looks: [] });
      into = null;
    } else if (key === "#live") {
      into = live;
      last = null;
    } else if (key === "#shown") add(shownRecord(values, plain));
    else if (key === "#unknown") {
      const look = storages.at(-1)?.looks.at(-1);
      if (into === live) liveUnknown.push(decodeBytes(first));
      else if (look !== undefined) look.gaps = true;
    } else {
      const storage = storages.at(-1);
      if (storage !== undefined) storage.present = key === "#present";
      if (key === "#present") begin();
    }
  };

  const onRecord: OnRecord = (bytes, from, to) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
    if (wanted > 0) {
      values.push(text);
      wanted -= 1;
      if (wanted === 0) finish();
      return;
    }
    if (text.startsWith("@") && last?.type === "symlink" && last.target === null) {
      last.target = decodeBytes(text.slice(1));
      return;
    }
    if (text === "#") return begin();
    const status = /^#(\d{1,3})$/.exec(text)?.[1];
    if (status !== undefined) {
      const look = storages.at(-1)?.looks.at(-1);
      if (look !== undefined) look.extent = status === "0" ? "all" : status === "124" ? "cut" : "some";
      return;
    }
    if (text.startsWith("#")) {
      const count = arity[text];
      if (count === undefined) throw broken(text);
      key = text;
      values = [];
      wanted = count;
      if (count === 0) finish();
      return;
    }
    const match = recordForm.exec(text);
    if (match === null || into === null) throw broken(text);
    const [, sign, letter = "", size, mtime, uid, gid, mode = "", device = "", path = ""] = match;
    last = {
      sign: sign as SeenRecord["sign"],
      type: types[letter] ?? "device",
      size: Number(size),
      mtime: Number(mtime),
      uid: Number(uid),
      gid: Number(gid),
      mode: mode.padStart(4, "0"),
      device,
      path,
      target: null,
    };
    into.push(last);
  };

  return {
    onRecord,
    read() {
      if (wanted > 0) throw new FrameError("its account of what it runs from stops halfway");
      const of = (kind: string): HostText[] =>
        texts
          .filter((text) => text.kind === kind)
          .map(({ folder, path, file }) => ({
            folder: decodeBytes(folder),
            path: decodeBytes(path),
            lines: file === "" ? null : decodeBytes(lines.get(file) ?? ""),
          }));
      const withLooks = storages.map((each) => ({
        ...each,
        storage: decodeBytes(each.storage),
        // The probe marks the end of a look by beginning another.
        looks: each.looks
          .filter((look) => look.records.length > 0)
          .map(({ records, extent, gaps }): Look => ({ records, gaps, extent: gaps ? "some" : extent })),
      }));
      return {
        systemctl,
        unitFiles: of("#unit"),
        tmpfiles: of("#tmpfiles"),
        storages: withLooks,
        live,
        liveUnknown,
        space,
        lacks,
      };
    },
  };
}

/** What `#shown` says: sign, line of `stat` or `ls`, path; null where it is not that. Throws FrameError where the line is none of theirs. */
function shownRecord(
  [sign = "", line = "", path = ""]: readonly string[],
  plain: PlainTools | null,
): SeenRecord | null {
  if (plain === null || !/^[!0+-]$/.test(sign) || !path.startsWith(".")) return null;
  const { type, size, mtime, uid, gid, mode } = readLine(plain.flavour, line, plain.now);
  return {
    sign: sign as SeenRecord["sign"],
    type: TYPES[type] ?? "device",
    size,
    mtime,
    uid,
    gid,
    mode: mode.toString(8).padStart(4, "0"),
    device: "",
    path,
    target: null,
  };
}

/** `=FILE` begins the lines of a file. */
function splitLines(text: string, into: Map<string, string>): void {
  let file: string | null = null;
  let lines: string[] = [];
  const keep = (): void => {
    if (file !== null) into.set(file, lines.join("\n"));
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("=./")) {
      keep();
      file = line.slice(1);
    } else lines.push(line);
  }
  keep();
}
