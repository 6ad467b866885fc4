import { DIRECTORY, FILE, LIVE, type NodeId, SYMLINK } from "./model";
import { FrameError, type OnRecord } from "./probeFrame";
import type { PruneNode } from "./probePrune";
import type { Attributes, TreeBuilder } from "./treeBuilder";
import { type UsualOwner, usualFiles } from "./usualOwners";

const noType = 255;
/** From find's `%y`, a letter's code, to the type. */
const typeCodes = new Uint8Array(256).fill(noType);
for (const [letter, type] of Object.entries({
  f: FILE,
  d: DIRECTORY,
  ">": DIRECTORY,
  l: SYMLINK,
  s: 3,
  p: 4,
  b: 5,
  c: 5,
  D: 5,
})) {
  typeCodes[letter.charCodeAt(0)] = type;
}
const space = 0x20;
const slash = 0x2f;
const dot = 0x2e;
const colon = 0x3a;
const exclamation = 0x21;
const equals = 0x3d;
const angle = 0x3e;
const empty = new Uint8Array(0);

export interface WalkReader {
  readonly onRecord: OnRecord;
  /** Throws FrameError where the records stop within a pair. */
  finish(): void;
}

/** A folder that a walk begins at. */
export interface WalkStart {
  readonly node: NodeId;
  /** What of it is left out. */
  readonly pruned: PruneNode | undefined;
  /** Device and inode as they were when it was found; null for the root, whatever it is. */
  readonly identity: string | null;
  /** Levels walked below it; a folder so deep is a start of its own. */
  readonly levels: number;
}

export interface WalkOptions {
  readonly builder: TreeBuilder;
  /** An older root is read when all of the live one is there. */
  readonly side: "live" | "old";
  /** Levels walked below the starts that this walk finds. */
  readonly step: number;
  /** Whether files are told with their inode. */
  readonly identified: boolean;
  /** Whose files have a letter for their owner. */
  readonly usual: readonly UsualOwner[];
  /** The start whose name the bytes `[from, to)` are; throws FrameError where none was asked for. */
  startNamed(bytes: Uint8Array, from: number, to: number): WalkStart;
  onStart(start: WalkStart): void;
  /** All starts before the mark are done. */
  onMark(): void;
  onUnread(node: NodeId): void;
}

/**
 * Reads the records of one walk into the tree (see probeTextWalk.ts for what they hold), depth first, so the open folders are a stack.
 * Numbers are read from the bytes without making strings.
 */
export function walkReader(options: WalkOptions): WalkReader {
  const { builder, side, step, identified } = options;
  const usual = usualFiles(options.usual);
  const folders: NodeId[] = [];
  const pruned: (PruneNode | undefined)[] = [];
  let deepest = -1;
  let levels = 0;
  let skipBelow = Number.POSITIVE_INFINITY;
  let link: NodeId | null = null;
  /** Of an older root: the last path that the live one has, too. */
  let last: NodeId = 0;
  let linkSkipped = false;
  const attributes: Attributes = { type: 0, size: 0, mtime: 0, uid: 0, gid: 0, mode: 0, identity: 0, target: empty };

  let position = 0;
  /** Where the fraction of the last time begins, if it has one. */
  let fraction = 0;
  const number = (bytes: Uint8Array, to: number, base: 8 | 10, time = false): number => {
    const start = position;
    const negative = time && bytes[position] === 0x2d;
    if (negative) position += 1;
    let value = 0;
    let digits = 0;
    for (; position < to && bytes[position] !== space; position += 1) {
      const digit = (bytes[position] ?? 0) - 0x30;
      if (time && digits > 0 && (digit === dot - 0x30 || digit === colon - 0x30)) {
        // find's %T@ has a fraction. (%Ts has none, and makes the whole walk a third slower.)
        if (digit === dot - 0x30) fraction = position + 1;
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

  /**
   * The node of the name `[from, to)`. A walk tells of each path once. An older root mostly has what the live one has, in the same
   * order: then the next node is the one, and nothing has to be looked up.
   */
  const nodeOf = (parent: NodeId, bytes: Uint8Array, from: number, to: number): NodeId => {
    if (side === "live" || ((builder.flags[parent] ?? 0) & LIVE) === 0) return builder.add(parent, bytes, from, to);
    const next = last + 1;
    if (!builder.isChild(next, parent, bytes, from, to)) {
      const node = builder.child(parent, bytes, from, to);
      if ((builder.flags[node] ?? 0) & LIVE) last = node;
      return node;
    }
    last = next;
    return next;
  };

  /** Where the identity at `position` ends, which is passed with the space after it. */
  const token = (bytes: Uint8Array, from: number, to: number): number => {
    const end = bytes.indexOf(space, position);
    if (end <= position || end >= to) throw broken(bytes, from, to);
    position = end + 1;
    return end;
  };

  const begin = (bytes: Uint8Array, from: number, to: number): void => {
    const identityAt = position;
    const identity = latin1(bytes, identityAt, token(bytes, from, to));
    const start = options.startNamed(bytes, position, to);
    folders[0] = start.node;
    pruned[0] = start.pruned;
    levels = start.levels;
    deepest = 0;
    if (start.identity === null) add(start.node);
    // Something else took its place meanwhile: what is in that was not asked for.
    skipBelow = start.identity === null || start.identity === identity ? Number.POSITIVE_INFINITY : 0;
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
    if (bytes[from] === equals && to === from + 1) return options.onMark();
    const unread = bytes[from] === exclamation;
    position = unread ? from + 1 : from;
    const letter = bytes[position] ?? 0;
    const owner = usual[letter];
    const type = owner === undefined ? (typeCodes[letter] ?? noType) : FILE;
    if (type === noType) throw broken(bytes, from, to);
    position += 1;
    attributes.type = type;
    attributes.size = number(bytes, to, 10);
    fraction = 0;
    attributes.mtime = number(bytes, to, 10, true);
    // A time of whole seconds may have been given to the file, as by a copy; then its contents have to tell.
    attributes.identity =
      identified && type === FILE && isFraction(bytes, fraction)
        ? fingerprint(attributes.mtime, bytes, fraction, position)
        : 0;
    attributes.uid = owner?.uid ?? number(bytes, to, 10);
    attributes.gid = owner?.gid ?? number(bytes, to, 10);
    attributes.mode = owner?.mode ?? number(bytes, to, 8);
    if (letter === angle) return begin(bytes, from, to);
    const identityAt = position;
    const identityEnd = type === DIRECTORY ? token(bytes, from, to) : position;
    let depth = 1;
    let nameAt = position;
    for (let at = position; at < to; at += 1) {
      if (bytes[at] !== slash) continue;
      depth += 1;
      nameAt = at + 1;
    }
    const isLink = type === SYMLINK;
    if (depth > skipBelow) {
      linkSkipped = isLink;
      return;
    }
    if (depth > deepest + 1 || deepest < 0) throw broken(bytes, from, to);
    skipBelow = Number.POSITIVE_INFINITY;
    if (!isName(bytes, nameAt, to)) throw broken(bytes, from, to);

    const above = pruned[depth - 1];
    // Most folders have nothing below them that is left out.
    const here = above === undefined || above.names.size === 0 ? undefined : above.names.get(latin1(bytes, nameAt, to));
    if (here?.end === true) {
      skipBelow = depth;
      deepest = depth;
      linkSkipped = isLink;
      return;
    }
    const node = nodeOf(folders[depth - 1] ?? 0, bytes, nameAt, to);
    folders[depth] = node;
    pruned[depth] = here;
    // Only a folder can have something below it.
    deepest = type === DIRECTORY ? depth : depth - 1;
    if (isLink) link = node;
    else add(node);
    if (type !== DIRECTORY) return;
    if (unread) {
      if (side === "live") builder.markUnread(node);
      options.onUnread(node);
    } else if (depth === levels)
      options.onStart({ node, pruned: here, identity: latin1(bytes, identityAt, identityEnd), levels: step });
  };

  return {
    onRecord,
    finish() {
      if (link !== null || linkSkipped) throw new FrameError("its list of paths stops halfway");
    },
  };
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

/** Whether a fraction that begins there is more than nothing. */
function isFraction(bytes: Uint8Array, from: number): boolean {
  if (from === 0) return false;
  let at = from;
  while (bytes[at] === 0x30) at += 1;
  const digit = bytes[at] ?? 0;
  return digit > 0x30 && digit <= 0x39;
}

/** 52 bits of seconds and the text after them, never 0: two hashes of different kinds, so that two texts of one length hardly share them. */
function fingerprint(seconds: number, bytes: Uint8Array, from: number, to: number): number {
  let one = 0x811c9dc5 ^ seconds;
  let other = to - from;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    one = Math.imul(one ^ byte, 0x01000193);
    other = (Math.imul(other, 0x5bd1e995) + byte) | 0;
  }
  const high = one >>> 0;
  const low = (other ^ (other >>> 13)) >>> 12;
  return high * 0x100000 + low || 1;
}

/** Of what has no slash, whether it is a component of a path: not empty, not `.` or `..`, so no host can make us invent paths. */
function isName(bytes: Uint8Array, from: number, to: number): boolean {
  return from < to && !(bytes[from] === dot && (to - from === 1 || (to - from === 2 && bytes[from + 1] === dot)));
}

function broken(bytes: Uint8Array, from: number, to: number): FrameError {
  const start = Buffer.from(bytes.subarray(from, Math.min(to, from + 80))).toString("utf8");
  return new FrameError(`its list of paths has a broken record (${JSON.stringify(start)})`);
}
