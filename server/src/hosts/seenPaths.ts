import type { HostUser, SeenPath, StoredTree } from "./model";
import { decodeBytes } from "./mountinfo";
import type { Look, SeenRecord } from "./recordsDeployed";

/** Names of owners, or the numbers where there are none. */
export interface OwnerNames {
  user(uid: number): string;
  group(gid: number): string;
}

export function namesOf(users: readonly HostUser[], groups: ReadonlyMap<number, string>): OwnerNames {
  // Of several names of one number the first counts, as in the C library.
  const byNumber = new Map([...users].reverse().map(({ uid, name }) => [uid, name]));
  return {
    user: (uid) => byNumber.get(uid) ?? (uid === 0 ? "root" : String(uid)),
    group: (gid) => groups.get(gid) ?? (gid === 0 ? "root" : String(gid)),
  };
}

function seen(record: SeenRecord, names: OwnerNames): SeenPath {
  const { type, sign, size } = record;
  return {
    type,
    size: type === "file" ? size : 0,
    mtime: record.mtime,
    user: names.user(record.uid),
    group: names.group(record.gid),
    mode: record.mode,
    target: record.target,
    empty: type === "directory" ? (sign === "!" ? null : sign === "0") : type === "file" && size === 0,
  };
}

/**
 * What several looks into one storage show together. A folder is listed where a look went into it and came out of it again, on the storage's
 * own file system; at most `most` paths are kept.
 */
export function treeOf(
  storage: string,
  present: boolean,
  looks: readonly Look[],
  names: OwnerNames,
  most: number,
): StoredTree {
  const paths = new Map<string, SeenPath>();
  const listed = new Set<string>();
  for (const { records, extent } of looks) {
    const device = records[0]?.path === "" ? records[0].device : null;
    let last: string | null = null;
    let full = false;
    const done: string[] = [];
    for (const record of records) {
      const path = `/${decodeBytes(record.path)}`;
      if (paths.size >= most && !paths.has(path)) {
        full = true;
        break;
      }
      last = path;
      if (path !== "/") paths.set(path, seen(record, names));
      if (record.type === "directory" && record.device === device && (record.sign === "/" || record.sign === "0"))
        done.push(path);
    }
    const isCut = full || extent === "cut";
    // Depth first: where it ended, the folders it was in are open; all before them are done.
    const open = (folder: string) =>
      isCut && last !== null && (folder === "/" || last === folder || last.startsWith(`${folder}/`));
    if (extent !== "some") for (const folder of done) if (!open(folder)) listed.add(folder);
  }
  return { storage, present, paths, listed };
}

/**
 * The live paths that were asked for. One that is not there is null only where the folder it would be in could be searched, or is not there
 * either, and of those that are there and `unknown` nothing is said. Below another root than `/` nothing is said of what lies behind a link: it may lead out of it.
 */
export function liveOf(
  asked: readonly string[],
  records: readonly SeenRecord[],
  names: OwnerNames,
  { isRealRoot, unknown }: { readonly isRealRoot: boolean; readonly unknown: ReadonlySet<string> },
): Map<string, SeenPath | null> {
  const found = new Map<string, SeenRecord>();
  for (const record of records) {
    const path = decodeBytes(record.path);
    found.set(path === "./." ? "/" : path.slice(1), record);
  }
  const live = new Map<string, SeenPath | null>();
  // A folder's path is shorter than those in it, so it comes first.
  for (const path of [...asked].sort((a, b) => a.length - b.length)) {
    const above = path === "/" ? null : path.slice(0, path.lastIndexOf("/")) || "/";
    const record = found.get(path);
    const folder = above === null ? undefined : found.get(above);
    const behindLink = folder?.type === "symlink" || (above !== null && !live.has(above));
    if (unknown.has(path) || (behindLink && !isRealRoot)) continue;
    if (record !== undefined) live.set(path, seen(record, names));
    else if (above !== null && isKnownAbsent(folder, live.get(above))) live.set(path, null);
  }
  return live;
}

function isKnownAbsent(folder: SeenRecord | undefined, seenFolder: SeenPath | null | undefined): boolean {
  if (folder === undefined) return seenFolder === null;
  return folder.type !== "symlink" && folder.sign !== "!";
}
