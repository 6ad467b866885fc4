import type { NodeId } from "./model";
import { FrameError, type OnRecord } from "./probeFrame";
import type { PruneNode } from "./probePrune";
import { type Attributes, DIRECTORY, FILE, SYMLINK, type TreeBuilder } from "./treeBuilder";

const noType = 255;
/** From find's `%y`, a letter's code, to the type. */
const typeCodes = new Uint8Array(256).fill(noType);
for (const [letter, type] of Object.entries({ f: FILE, d: DIRECTORY, l: SYMLINK, s: 3, p: 4, b: 5, c: 5, D: 5 })) {
  typeCodes[letter.charCodeAt(0)] = type;
}
const space = 0x20;
const slash = 0x2f;
const dot = 0x2e;
const exclamation = 0x21;
const empty = new Uint8Array(0);

export interface WalkReader {
  readonly onRecord: OnRecord;
  /** Throws FrameError where the records stop within a pair. */
  finish(): void;
}

export interface WalkOptions {
  readonly builder: TreeBuilder;
  readonly side: "live" | "old";
  /** Paths of other mounts and the like; they and what is below is dropped. */
  readonly pruned: PruneNode;
  onUnread(node: NodeId): void;
}

/**
 * Reads the records of one walk into the tree. A record is `TYPE DEPTH`, then size, time, owner, group, mode and name with
 * single spaces between, depth first, so the open folders are a stack. Numbers are read from the bytes without making strings.
 */
export function walkReader(options: WalkOptions): WalkReader {
  const { builder, side, onUnread } = options;
  const folders: NodeId[] = [];
  const pruned: (PruneNode | undefined)[] = [options.pruned];
  let deepest = -1;
  let skipBelow = Number.POSITIVE_INFINITY;
  let link: NodeId | null = null;
  let linkSkipped = false;
  const attributes: Attributes = { type: 0, size: 0, mtime: 0, uid: 0, gid: 0, mode: 0, target: empty };

  let position = 0;
  const number = (bytes: Uint8Array, to: number, base: 8 | 10, time = false): number => {
    const start = position;
    const negative = time && bytes[position] === 0x2d;
    if (negative) position += 1;
    let value = 0;
    let digits = 0;
    for (; position < to && bytes[position] !== space; position += 1) {
      const digit = (bytes[position] ?? 0) - 0x30;
      if (digit === dot - 0x30 && time && digits > 0) {
        // find's %T@ has a fraction. (%Ts has none, and makes the whole walk a tenth slower.)
        position = bytes.indexOf(space, position);
        break;
      }
      if (digit < 0 || digit >= base) throw broken(bytes, start, to);
      value = value * base + digit;
      digits += 1;
    }
    if (digits === 0 || position < 0 || position >= to) throw broken(bytes, start, to);
    position += 1;
    return negative ? -value : value;
  };

  const add = (node: NodeId): void => {
    if (side === "live") builder.addLive(node, attributes);
    else builder.addOld(node, attributes);
  };

  const onRecord: OnRecord = (bytes, from, to) => {
    if (linkSkipped) {
      linkSkipped = false;
      return;
    }
    if (link !== null) {
      attributes.target = bytes.subarray(from, to);
      add(link);
      attributes.target = empty;
      link = null;
      return;
    }
    const unread = bytes[from] === exclamation;
    position = unread ? from + 1 : from;
    const type = typeCodes[bytes[position] ?? 0] ?? noType;
    if (type === noType) throw broken(bytes, from, to);
    position += 1;
    const depth = number(bytes, to, 10);
    attributes.type = type;
    attributes.size = number(bytes, to, 10);
    attributes.mtime = number(bytes, to, 10, true);
    attributes.uid = number(bytes, to, 10);
    attributes.gid = number(bytes, to, 10);
    attributes.mode = number(bytes, to, 8);
    const isLink = type === SYMLINK;
    if (depth > skipBelow) {
      linkSkipped = isLink;
      return;
    }
    if (depth > deepest + 1) throw broken(bytes, from, to);
    skipBelow = Number.POSITIVE_INFINITY;
    if (depth === 0) {
      if (deepest !== -1 || type !== DIRECTORY) throw broken(bytes, from, to);
      add(0);
      folders[0] = 0;
      deepest = 0;
      if (unread) onUnread(0);
      return;
    }
    if (!isName(bytes, position, to)) throw broken(bytes, from, to);

    const above = pruned[depth - 1];
    const here = above?.names.get(latin1(bytes, position, to, above));
    if (here?.end === true) {
      skipBelow = depth;
      deepest = depth;
      linkSkipped = isLink;
      return;
    }
    const node = builder.child(folders[depth - 1] ?? 0, bytes, position, to);
    folders[depth] = node;
    pruned[depth] = here;
    // Only a folder can have something below it.
    deepest = type === DIRECTORY ? depth : depth - 1;
    if (isLink) link = node;
    else add(node);
    if (!unread) return;
    if (side === "live" && type === DIRECTORY) builder.markUnread(node);
    onUnread(node);
  };

  return {
    onRecord,
    finish() {
      if (link !== null || linkSkipped) throw new FrameError("its list of paths stops halfway");
    },
  };
}

/** The name as a byte string, or nothing where no name is looked for: most folders have no mount below them. */
function latin1(bytes: Uint8Array, from: number, to: number, above: PruneNode): string {
  if (above.names.size === 0) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

/** One component of a path: not empty, no slash, not `.` or `..`, so no host can make us invent paths. */
function isName(bytes: Uint8Array, from: number, to: number): boolean {
  if (from >= to || (bytes[from] === dot && (to - from === 1 || (to - from === 2 && bytes[from + 1] === dot))))
    return false;
  for (let at = from; at < to; at += 1) if (bytes[at] === slash) return false;
  return true;
}

function broken(bytes: Uint8Array, from: number, to: number): FrameError {
  const start = Buffer.from(bytes.subarray(from, Math.min(to, from + 80))).toString("utf8");
  return new FrameError(`its list of paths has a broken record (${JSON.stringify(start)})`);
}
