import { DIRECTORY, FILE, type NodeId, SYMLINK } from "./model";
import { broken, type Line, readLine } from "./plainLine";
import { FrameError, type OnRecord } from "./probeFrame";
import type { PruneNode } from "./probePrune";
import type { Attributes, TreeBuilder } from "./treeBuilder";

/** Reads what a host without the GNU tools tells: the lines of `stat -c` or `ls -ldn` for the paths that `find` found. */

export interface PlainOptions {
  readonly builder: TreeBuilder;
  readonly side: "live" | "old";
  readonly flavour: "stat" | "ls";
  /** Paths of other mounts and the like; they and what is below is dropped. */
  readonly pruned: PruneNode;
  /** The host's clock, for times that `ls` gives without a year; seconds since the epoch. */
  readonly now: number;
  /** Whether a folder of this owner, group and mode can be read and entered. */
  mayRead(uid: number, gid: number, mode: number): boolean;
  onUnread(node: NodeId): void;
}

export interface PlainReader {
  readonly onRecord: OnRecord;
  /** Names with a line break and links that could not be told apart: left out. */
  readonly omitted: number;
  /** Whether find could not read something. */
  readonly failed: boolean;
  /** Throws FrameError where the records stop halfway. */
  finish(): void;
}

const noTarget = new Uint8Array(0);
/** A link whose target has not all come. */
interface Link {
  readonly line: Line;
  readonly path: string;
  /** What has come of the target; null for nothing. */
  readonly got: string | null;
  /** Whether a quote follows the target. */
  readonly quoted: boolean;
  /** Whether the name before the target has come. */
  readonly named: boolean;
}

const arrow = " -> ";

/** Text here is byte strings, one character for each byte. Paths may come in any order: folders and links come in batches of their own. */
export function plainReader(options: PlainOptions): PlainReader {
  const { builder, side, flavour, now } = options;
  const folders = new Map<string, NodeId | null>([[".", 0]]);
  const closed = new Map<NodeId, string>();
  const opened = new Set<string>();
  let link: Link | null = null;
  let omitted = 0;
  let failed = false;

  /** The node of a folder, made where its own line has not come yet; null where it is left out. */
  const folder = (path: string): NodeId | null => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const node = nodeOf(path);
    folders.set(path, node);
    return node;
  };
  const nodeOf = (path: string): NodeId | null => {
    const slash = path.lastIndexOf("/");
    if (slash < 0 || isPruned(options.pruned, path)) return null;
    const above = path.slice(0, slash);
    const parent = folder(above);
    if (parent === null) return null;
    opened.add(above);
    const name = Buffer.from(path.slice(slash + 1), "latin1");
    return builder.child(parent, name, 0, name.length);
  };

  const add = (line: Line, path: string, target: Uint8Array): void => {
    const { type, size, mtime, uid, gid, mode } = line;
    if (!/^\.(?:\/(?!\.{1,2}(?:\/|$))[^/]+)*$/.test(path)) throw broken(path);
    const node = type === DIRECTORY ? folder(path) : nodeOf(path);
    if (node === null) return;
    const attributes: Attributes = {
      type,
      size: type === FILE || type === SYMLINK ? size : 0,
      mtime,
      uid,
      gid,
      identity: 0,
      mode,
      target,
    };
    if (side === "live") builder.addLive(node, attributes);
    else builder.addOld(node, attributes);
    if (type === DIRECTORY && !options.mayRead(uid, gid, mode)) closed.set(node, path);
  };

  /** Takes the text that belongs to a link, line by line: its target may hold line breaks, and its length says where it ends. */
  const onTarget = (pending: Link, text: string): void => {
    const { line, path, got, quoted } = pending;
    const target = got === null ? text : `${got}\n${text}`;
    const length = line.size + (quoted ? 1 : 0);
    link = target.length < length ? { ...pending, got: target } : null;
    if (target.length === length) add(line, path, Buffer.from(target.slice(0, line.size), "latin1"));
    else if (link === null) omitted += 1;
  };

  const onLink = (line: Line): void => {
    const { name, size } = line;
    // Of `stat` the target comes in a record of its own, after the name once more.
    if (flavour === "stat") {
      link = { line, path: name, got: null, quoted: false, named: false };
      return;
    }
    const exact = name.length - size - arrow.length;
    const at = exact > 0 && name.startsWith(arrow, exact) ? exact : name.indexOf(arrow);
    if (at < 0) omitted += 1;
    else
      onTarget({ line, path: name.slice(0, at), got: null, quoted: false, named: true }, name.slice(at + arrow.length));
  };

  const onName = (pending: Link, text: string): void => {
    const quoted = text.startsWith("'");
    const before = quoted ? `'${pending.path}' -> '` : pending.path + arrow;
    link = null;
    if (text.startsWith(before)) onTarget({ ...pending, quoted, named: true }, text.slice(before.length));
    else omitted += 1;
  };

  const onLine = (text: string): void => {
    if (link !== null) {
      if (link.named) onTarget(link, text);
      else onName(link, text);
    } else if (text === "//") omitted += 1;
    else if (text === "//failed") failed = true;
    else {
      const line = readLine(flavour, text, now);
      if (line.type === SYMLINK) onLink(line);
      else add(line, line.name, noTarget);
    }
  };

  return {
    onRecord(bytes, from, to) {
      onLine(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1"));
    },
    get omitted() {
      return omitted;
    },
    get failed() {
      return failed;
    },
    finish() {
      if (link !== null) throw new FrameError("its list of paths stops halfway");
      for (const [node, path] of closed) {
        // What was found in it, it let us read, whatever its mode says.
        if (opened.has(path)) continue;
        if (side === "live") builder.markUnread(node);
        options.onUnread(node);
      }
    },
  };
}

function isPruned(tree: PruneNode, path: string): boolean {
  let node: PruneNode | undefined = tree;
  for (const name of path.split("/").slice(1)) {
    node = node.names.get(name);
    if (node === undefined) return false;
    if (node.end) return true;
  }
  return false;
}
