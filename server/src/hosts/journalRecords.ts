import { printable } from "./failures";
import type { JournalRecord } from "./model";

/** More are no help to a person; those told most often are kept. */
const mostRecords = 200;
const messageLimit = 300;
/** What programs colour their messages with. */
const colours = /\p{Cc}\[[0-9;]*[A-Za-z]/gu;

/** What a message says happened; the more exact comes first. */
const kinds: readonly (readonly [JournalRecord["what"], RegExp])[] = [
  ["read-only", /read-only file ?system|\bEROFS\b|\b(?:errno|error) 30\b/gi],
  [
    "denied",
    /permission denied|operation not permitted|access denied|\bE(?:ACCES|PERM)\b|\b(?:errno|error) 13\b|PermissionError|AccessDenied/gi,
  ],
  [
    "missing",
    /no such file(?: or directory)?|\bENOENT\b|\b(?:errno|error) 2\b|(?:does|did) not exist|doesn.t exist|not found|NoSuchFile\w*|FileNotFound\w*/gi,
  ],
  [
    "failed",
    /\b(?:cannot|can.t|could not|couldn.t|unable to|fail(?:ed|ure)?(?: to)?|error) (?:[a-z]+ ){0,4}?(?:open|load|read|writ|creat|access|stat|find|mkdir|chdir)\w*/gi,
  ],
];

/** Nothing below these is state of a root: made at boot, part of the system, or not on a disk. */
const elsewhere =
  /^\/(?:nix|proc|sys|dev|run|tmp|usr|bin|sbin|lib(?:32|64)?|boot\/efi|var\/run|var\/empty|etc\/static)(?:\/|$)/;

/**
 * What entries of a journal say was missed, most often first. `lines` are entries as `journalctl -o json` prints them; those that are none, or
 * name no absolute path outside of the store and the like, are passed over.
 */
export function journalRecords(lines: Iterable<string>): JournalRecord[] {
  const found = new Map<string, { -readonly [K in keyof JournalRecord]: JournalRecord[K] }>();
  for (const line of lines) {
    const entry = parse(line);
    const message = textOf(entry?.["MESSAGE"]);
    if (entry === null || message === null) continue;
    const said = whatIsSaid(message.replace(colours, ""));
    if (said === null) continue;
    const unit = unitOf(entry);
    const key = JSON.stringify([unit, said.path, said.what]);
    const known = found.get(key);
    if (known !== undefined) known.count += 1;
    else found.set(key, { unit, ...said, message: shown(message), time: timeOf(entry), count: 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count).slice(0, mostRecords);
}

/** What one message says of which path; null where that is not clear. */
export function whatIsSaid(message: string): Pick<JournalRecord, "path" | "what"> | null {
  const text = message.slice(0, 8192);
  for (const [what, pattern] of kinds) {
    const complaints = [...text.matchAll(pattern)].slice(0, mostComplaints);
    const known = pathsIn(text);
    const near = complaints.flatMap((match) => nearPath(text, match, known) ?? []);
    const path = near[0] ?? (complaints[0] === undefined ? undefined : anyPath(complaints[0], known));
    if (path !== undefined) return { path, what };
  }
  return null;
}

/** An absolute path, quoted or bare; what stands before it must not make it a part of a URL or of a relative path. */
const paths =
  /(["'\u2018\u201c`])(\/[^"'\u2019\u201d`\n]{1,4095})["'\u2019\u201d`]|(?<![\w.~:/@%+$}*-]|file:)(\/[^\s"'`<>|;,()[\]{}\u2018\u2019\u201c\u201d]{1,4095})/g;

const mostComplaints = 8;
/** Characters between a complaint and the path it is about, such as ` failed (2: ` and `, open '`. */
const nearness = 16;

interface FoundPath {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

function pathsIn(text: string): FoundPath[] {
  return [...text.matchAll(paths)].flatMap((match) => {
    const path = normal(match[2] ?? match[3] ?? "", match[2] !== undefined);
    return path === null ? [] : [{ path, start: match.index, end: match.index + match[0].length }];
  });
}

/** The path that stands right before or after a complaint, or that the complaint goes around. */
function nearPath(text: string, match: RegExpExecArray, known: readonly FoundPath[]): string | null {
  const from = match.index;
  const to = from + match[0].length;
  const isNear = (between: string) => between.length <= nearness && !between.includes("\n");
  const before = known.filter(({ end }) => end <= from).at(-1);
  const after = known.find(({ start }) => start >= to);
  const around = known.find(({ start, end }) => start < to && end > from);
  if (around !== undefined) return around.path;
  if (before !== undefined && isNear(text.slice(before.end, from))) return before.path;
  return after !== undefined && isNear(text.slice(to, after.start)) ? after.path : null;
}

/** Else the last one before a complaint, or the first after it. */
function anyPath(match: RegExpExecArray, known: readonly FoundPath[]): string | undefined {
  return (known.filter(({ end }) => end <= match.index).at(-1) ?? known[0])?.path;
}

function normal(text: string, quoted: boolean): string | null {
  const bare = quoted ? text : text.replace(/[.:!?…]+$/, "").replace(/:\d+(?::\d+)?$/, "");
  const parts = bare.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length < 2 || parts.includes("..") || /[\p{Cc}\ufffd]/u.test(bare)) return null;
  const path = `/${parts.join("/")}`;
  return elsewhere.test(path) ? null : path;
}

const secretNames =
  "pass(?:word|wd|phrase)?|secret|token|api[-_ ]?key|private[-_ ]?key|auth(?:orization)?|bearer|basic|cookie|credentials?|session(?:[-_ ]?id)?|signature";
const secretValues = new RegExp(
  `((?:${secretNames})[\\w-]*["']?\\s*(?:[:=]\\s*|\\s+(?=[^\\s:]*[\\d=]))(?:bearer |basic )?)("[^"]*"|'[^']*'|[^\\s,;&)]+)`,
  "gi",
);
/** In no path and no name: what a key or a token looks like. */
const longValues = /(?<![\w/.+=-])(?=[\w+=.-]*\d)(?=[\w+=.-]*[a-zA-Z])[\w+=.-]{32,}(?![\w/])/g;

function shown(message: string): string {
  const text = message
    .slice(0, 8192)
    .replace(colours, "")
    .replace(/(:\/\/)[^/\s@]+@/g, "$1…@")
    .replace(secretValues, "$1…")
    .replace(longValues, "…");
  return printable(text, messageLimit);
}

/** journalctl prints text with control characters, such as colours, as a list of bytes. */
function textOf(message: unknown): string | null {
  if (typeof message === "string") return message;
  if (!Array.isArray(message) || !message.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256))
    return null;
  return Buffer.from(message as number[]).toString("utf8");
}

function unitOf(entry: Readonly<Record<string, unknown>>): string | null {
  // What systemd itself says of a unit carries UNIT; what a unit's program says, _SYSTEMD_UNIT.
  for (const name of ["UNIT", "USER_UNIT", "_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT"]) {
    const unit = entry[name];
    if (typeof unit === "string" && /^[a-zA-Z0-9:_.@\\-]{1,255}$/.test(unit) && unit !== "init.scope") return unit;
  }
  return null;
}

function timeOf(entry: Readonly<Record<string, unknown>>): number | null {
  const time = entry["__REALTIME_TIMESTAMP"];
  return typeof time === "string" && /^\d{1,17}$/.test(time) ? Math.floor(Number(time) / 1e6) : null;
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
