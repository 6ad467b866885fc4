import type { Mount } from "./model";

/**
 * The kernel's list of mounts, `/proc/self/mountinfo` (proc_pid_mountinfo(5)). Paths are raw bytes kept as "byte strings",
 * one character U+0000–U+00FF for each byte, because a path need not be UTF-8.
 */
export interface RawMount {
  readonly mountPoint: string;
  readonly root: string;
  readonly fsType: string;
  readonly source: string;
  /** `major:minor`. */
  readonly device: string;
  /** The subvolume shown, as btrfs tells it (`subvol=`): equal to `root` unless a folder of it is bound. Null where none is told. */
  readonly subvolume: string | null;
}

/** Reads the file; lines that do not have the kernel's form are left out. Of mounts on the same point only the last, visible one is kept. */
export function parseMountinfo(bytes: Uint8Array): RawMount[] {
  const mounts = new Map<string, RawMount>();
  for (const line of Buffer.from(bytes).toString("latin1").split("\n")) {
    const fields = line.split(" ");
    // The optional fields, of any number, end with a lone dash.
    const dash = fields.indexOf("-", 6);
    const [, , device, root, mountPoint] = fields;
    const [fsType, source, options] = dash < 0 ? [] : fields.slice(dash + 1);
    if (device === undefined || root === undefined || mountPoint === undefined) continue;
    if (fsType === undefined || source === undefined) continue;
    const mount = {
      mountPoint: unescapeOctal(mountPoint),
      root: unescapeOctal(root),
      fsType: unescapeOctal(fsType),
      source: unescapeOctal(source),
      device,
      subvolume: unescapeOctal(/(?:^|,)subvol=([^,]*)/.exec(options ?? "")?.[1] ?? "") || null,
    };
    if (!mount.mountPoint.startsWith("/")) continue;
    mounts.delete(mount.mountPoint);
    mounts.set(mount.mountPoint, mount);
  }
  return [...mounts.values()];
}

/** The kernel writes space, tab, newline, backslash and `#` as `\040` and so on. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/**
 * The mounts as seen from `prefix` (an absolute path without links, as a byte string): those below it, with the prefix
 * taken off. `/` stands first: the mount that the prefix lies on, with its root moved down to the prefix.
 */
export function mountsBelow(mounts: readonly RawMount[], prefix: string): RawMount[] {
  const base = prefix === "/" ? "" : prefix;
  let holder: RawMount | null = null;
  const below: RawMount[] = [];
  for (const mount of mounts) {
    if (mount.mountPoint.startsWith(`${base}/`) && mount.mountPoint !== "/") {
      below.push({ ...mount, mountPoint: mount.mountPoint.slice(base.length) });
    } else if (isAtOrBelow(prefix, mount.mountPoint)) {
      if (holder === null || mount.mountPoint.length >= holder.mountPoint.length) holder = mount;
    }
  }
  if (holder === null) return below;
  const rest = holder.mountPoint === "/" ? base : base.slice(holder.mountPoint.length);
  const root = holder.root === "/" ? rest : holder.root + rest;
  return [{ ...holder, mountPoint: "/", root: root === "" ? "/" : root }, ...below];
}

/** Whether `path` is `folder` or below it. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/** For people and rules: byte strings decoded as UTF-8. */
export function toMount(raw: RawMount): Mount {
  return {
    mountPoint: decodeBytes(raw.mountPoint),
    root: decodeBytes(raw.root),
    fsType: decodeBytes(raw.fsType),
    source: decodeBytes(raw.source),
    device: raw.device,
  };
}

/** A byte string as text; bytes that are not UTF-8 become U+FFFD. */
export function decodeBytes(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

/** Text as a byte string of its UTF-8. */
export function encodeBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
