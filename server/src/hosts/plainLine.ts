import { FrameError } from "./probeFrame";

/** One line about a path, of a host without the GNU tools. Text is a byte string. */

export interface Line {
  readonly type: number;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  /** For a link of `ls` with its target behind. */
  readonly name: string;
}

const types: Readonly<Record<string, number>> = {
  d: 1,
  "4": 1,
  "-": 0,
  "8": 0,
  l: 2,
  a: 2,
  s: 3,
  c: 5,
  p: 4,
  "1": 4,
  b: 5,
  "6": 5,
  "2": 5,
};
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Of `stat`: type and mode in hex, bytes, time, owner, group, name. */
const statLine = /^([0-9a-f])([0-9a-f]{3}) (\d+) (-?\d+) (\d+) (\d+) (\.(?:\/.*)?)$/s;
/** Of `ls -ldn`: type and mode, links, owner, group, bytes or device, time, name. */
const lsLine =
  /^([-dlscpbD])([-rwxsStT]{9})[.+@]? +\d+ +(\d+) +(\d+) +(\d+|\d+, *\d+) +([A-Z][a-z]{2}) +(\d{1,2}) +(\d{1,2}:\d\d|\d{4}) (\.(?:\/.*)?)$/s;

/** What `stat` or `ls` says; `now` is the host's clock, for times that `ls` gives without a year. Throws FrameError where the line is none of theirs. */
export function readLine(flavour: "stat" | "ls", text: string, now: number): Line {
  return flavour === "stat" ? readStat(text) : readLs(text, now);
}

function readStat(text: string): Line {
  const match = statLine.exec(text);
  if (match === null) throw broken(text);
  const [, kind = "", mode = "", size = "", mtime = "", uid = "", gid = "", name = ""] = match;
  // The socket's letter, `c`, is that of a device in a line of ls.
  const type = kind === "c" ? 3 : types[kind];
  if (type === undefined) throw broken(text);
  return {
    type,
    mode: Number.parseInt(mode, 16),
    size: Number(size),
    mtime: Number(mtime),
    uid: Number(uid),
    gid: Number(gid),
    name,
  };
}

function readLs(text: string, now: number): Line {
  const match = lsLine.exec(text);
  if (match === null) throw broken(text);
  const [, kind = "", mode = "", uid = "", gid = "", size = "", month = "", day = "", when = "", name = ""] = match;
  const type = kind === "D" ? 5 : types[kind];
  if (type === undefined) throw broken(text);
  const mtime = timeOf(months.indexOf(month), Number(day), when, now);
  return {
    type,
    mode: modeOf(mode),
    size: Number(size.replace(/,.*/, "")),
    mtime,
    uid: Number(uid),
    gid: Number(gid),
    name,
  };
}

/** `09:30` of the last twelve months, or a year. UTC. */
function timeOf(month: number, day: number, when: string, now: number): number {
  const [hour, minute] = when.split(":").map(Number);
  if (minute === undefined) return Date.UTC(Number(when), month, day) / 1000;
  const year = new Date(now * 1000).getUTCFullYear();
  const time = Date.UTC(year, month, day, hour, minute) / 1000;
  return time > now + 86_400 ? Date.UTC(year - 1, month, day, hour, minute) / 1000 : time;
}

/** `rwsr-x--t` as a number. */
function modeOf(text: string): number {
  let mode = 0;
  for (const [index, letter] of [...text].entries()) {
    if (!/[-ST]/.test(letter)) mode |= 1 << (8 - index);
    if (/[sStT]/.test(letter)) mode |= 0o4000 >> Math.floor(index / 3);
  }
  return mode;
}

export function broken(text: string): FrameError {
  const start = Buffer.from(text.slice(0, 80), "latin1").toString("utf8");
  return new FrameError(`its list of paths has a broken record (${JSON.stringify(start)})`);
}
