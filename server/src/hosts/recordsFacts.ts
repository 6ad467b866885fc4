import type { HostUser } from "./model";
import { decodeBytes } from "./mountinfo";
import type { Birth } from "./mountinfoRoot";
import { FrameError, type OnRecord } from "./probeFrame";
import { type Capacity, parseCapacity } from "./recordsCapacity";

/** What the probe says about a host before it walks. Paths are byte strings. */
export interface Facts {
  /**
   * How the probe came to its rights: `root`, `sudo`, `refused` (sudo wants a password or forbids), `wrong` (the
   * password), `none` (no sudo), `no` (not tried). */
  readonly sudo: string;
  readonly login: string;
  /** The tools that are missing or not the GNU ones, in words; empty where all is well. */
  readonly lacking: readonly string[];
  readonly capacity: Capacity;
  /** With which tools a host that lacks those can be read all the same: `stat` or `ls`; null for none. */
  readonly plain: "stat" | "ls" | null;
  /** Whether it can then compare contents. */
  readonly cmp: boolean;
  /** Number of the user the probe runs as, and of the groups. */
  readonly uid: number;
  readonly memberOf: readonly number[];
  /** Why the root cannot be read: `absent`, `file`, `denied`; null where it can. */
  readonly problem: string | null;
  /** What the host calls itself; null where another root than its own is read. */
  readonly name: string | null;
  /** The root without links. */
  readonly root: string;
  readonly mountinfo: Uint8Array;
  readonly bootTime: number | null;
  /** The same from files kept in a root that does not run; null where there are none. */
  readonly recordedMountinfo: Uint8Array | null;
  readonly recordedBootTime: number | null;
  readonly recordedBirths: readonly Birth[] | null;
  readonly births: readonly Birth[];
  readonly users: readonly HostUser[];
  readonly groups: ReadonlyMap<number, string>;
}

/** Collects the records of `facts`: keys and values in turn. */
export function factsReader(): { readonly onRecord: OnRecord; read(): Facts } {
  const values = new Map<string, string>();
  let key: string | null = null;
  return {
    onRecord(bytes, from, to) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
      if (key === null) key = text;
      else {
        values.set(key, text);
        key = null;
      }
    },
    read() {
      if (key !== null) throw new FrameError("its facts stop halfway");
      return {
        sudo: values.get("sudo") ?? "none",
        login: decodeBytes(values.get("login") ?? ""),
        lacking: (values.get("lacking") ?? "").split(" ").filter((tool) => tool !== ""),
        capacity: parseCapacity(values),
        ...plainTools(values.get("plain") ?? ""),
        uid: Number(values.get("uid") ?? 0),
        memberOf: (values.get("member") ?? "").split(" ").map(Number),
        problem: values.get("problem") ?? null,
        name: decodeBytes(values.get("name") ?? "") || null,
        root: values.get("root") ?? "/",
        mountinfo: Buffer.from(values.get("mountinfo") ?? "", "latin1"),
        bootTime: seconds(values.get("boot")),
        recordedMountinfo: recorded(values.get("recorded-mountinfo")),
        recordedBootTime: seconds(values.get("recorded-boot")),
        recordedBirths: values.has("recorded-births") ? parseBirths(values.get("recorded-births") ?? "") : null,
        births: parseBirths(values.get("births") ?? ""),
        users: parsePasswd(values.get("passwd") ?? ""),
        groups: parseGroup(values.get("group") ?? ""),
      };
    },
  };
}

function plainTools(text: string): Pick<Facts, "plain" | "cmp"> {
  const [tool, cmp] = text.split(" ");
  return { plain: tool === "stat" || tool === "ls" ? tool : null, cmp: cmp === "cmp" };
}

function recorded(text: string | undefined): Uint8Array | null {
  return text === undefined || text.trim() === "" ? null : Buffer.from(text, "latin1");
}

function seconds(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/** Lines of `stat -c '%W %Z %n'`, names relative to the root. `0`, `-` or `?` stands for an unknown time of birth. */
function parseBirths(text: string): Birth[] {
  const births: Birth[] = [];
  for (const line of text.split("\n")) {
    const match = /^(\S+) (\d+) (.+)$/.exec(line);
    if (match === null) continue;
    const [, born = "", changed = "", name = ""] = match;
    births.push({
      path: name === "." ? "/" : `/${name}`,
      born: /^[1-9]\d*$/.test(born) ? Number(born) : null,
      changed: Number(changed),
    });
  }
  return births;
}

/** `/etc/passwd`: `name:password:uid:gid:comment:home:shell`. Broken lines are left out. */
export function parsePasswd(bytes: string): HostUser[] {
  const users: HostUser[] = [];
  for (const line of bytes.split("\n")) {
    const [name, , uid, gid, , home] = line.split(":");
    if (name === undefined || name === "" || home === undefined) continue;
    if (!/^\d{1,10}$/.test(uid ?? "") || !/^\d{1,10}$/.test(gid ?? "")) continue;
    users.push({ name: decodeBytes(name), uid: Number(uid), gid: Number(gid), home: decodeBytes(home) });
  }
  return users;
}

/** `/etc/group`: `name:password:gid:members`. The first name of a number wins, as in the C library. */
export function parseGroup(bytes: string): Map<number, string> {
  const groups = new Map<number, string>();
  for (const line of bytes.split("\n")) {
    const [name, , gid] = line.split(":");
    if (name === undefined || name === "" || !/^\d{1,10}$/.test(gid ?? "")) continue;
    if (!groups.has(Number(gid))) groups.set(Number(gid), decodeBytes(name));
  }
  return groups;
}
