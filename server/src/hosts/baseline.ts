import { Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import type { HostScan, Mount, NodeId, RootInfo, RootKind, ScanTree } from "./model";
import { FrameError, recordLimit } from "./probeFrame";
import { walkReader } from "./recordsWalk";
import { freezeTree } from "./tree";
import { TreeBuilder } from "./treeBuilder";

/** A scan that was kept to compare a later one with: what was on the root then. */
export interface Baseline {
  /** Seconds since the epoch. */
  readonly takenAt: number;
  /** Without what only an older root had, accounts and what the host ran from. */
  readonly scan: HostScan;
}

/** What was read is no baseline of this version, or it is damaged. The message says in what way, for people. */
export class BaselineError extends Error {}

/** Changes with the header and the records, which are those of a walk. */
const version = 2;
/** A million paths take about 50 MB before they are packed. */
const mostBytes = 2 ** 31;
const dot = Buffer.from(".");
const slash = Buffer.from("/");
const empty = Buffer.alloc(0);
const headerLimit = 4 << 20;
const letters = { file: "f", directory: "d", symlink: "l", socket: "s", fifo: "p", device: "b" } as const;
const kinds: readonly RootKind[] = ["tmpfs", "btrfs", "bcachefs", "zfs", "plain", "unknown"];

/** The scan as bytes, packed: a line of JSON, a record for each path of the live root (see recordsWalk.ts), and how many there are. */
export async function encodeBaseline(scan: HostScan, takenAt: number): Promise<Uint8Array> {
  const packed = Readable.from(textOf(scan, takenAt)).pipe(createGzip({ level: 4 }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of packed) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function* textOf(scan: HostScan, takenAt: number): Generator<Buffer> {
  const { host, name, prefix, root, bootTime, mounts, ephemeralMounts } = scan;
  const header = { tidemark: version, takenAt, host, name, prefix, root, bootTime, mounts, ephemeralMounts };
  yield Buffer.from(`${JSON.stringify(header)}\0`);
  let parts: Buffer[] = [];
  let waiting = 0;
  let count = 0;
  for (const record of recordsOf(scan.tree)) {
    parts.push(record);
    waiting += record.length;
    count += 1;
    if (waiting < 65_536) continue;
    yield Buffer.concat(parts);
    parts = [];
    waiting = 0;
  }
  yield Buffer.concat([...parts, Buffer.from(`end ${count}\0`)]);
}

function* recordsOf(tree: ScanTree): Generator<Buffer> {
  const { pool, starts, lengths } = tree.nameBytes;
  const stack: { readonly node: NodeId; readonly above: Uint8Array }[] = [{ node: tree.root, above: empty }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { node, above } = at;
    const type = tree.type(node);
    const sign = type === "directory" && tree.unread(node) ? "!" : "";
    // A folder's identity is nothing to keep: it means something during one walk only.
    const identity = type === "directory" ? " -" : "";
    const numbers = `${tree.bytes(node)} ${tree.mtime(node)} ${tree.uid(node)} ${tree.gid(node)} ${tree.mode(node)}${identity}`;
    const start = starts[node] ?? 0;
    const name = pool.subarray(start, start + (lengths[node] ?? 0));
    const letter = node === tree.root ? ">" : letters[type];
    const path = node === tree.root ? dot : Buffer.concat([above, name]);
    const after = type === "symlink" ? `\0${tree.target(node) ?? ""}\0` : "\0";
    yield Buffer.concat([Buffer.from(`${sign}${letter}${numbers} `), path, Buffer.from(after)]);
    if (type !== "directory") continue;
    const children = [...tree.children(node)].filter((child) => tree.status(child) !== "lost");
    const below = node === tree.root ? empty : Buffer.concat([path, slash]);
    for (const child of children.reverse()) stack.push({ node: child, above: below });
  }
}

/** The baseline that such bytes hold. Rejects with BaselineError where they are damaged, too large, or of another version. */
export async function decodeBaseline(bytes: Uint8Array): Promise<Baseline> {
  const builder = new TreeBuilder();
  const unread: NodeId[] = [];
  let begun = false;
  const reader = walkReader({
    builder,
    side: "live",
    step: Number.POSITIVE_INFINITY,
    identified: false,
    usual: [],
    startNamed(record, from, to) {
      if (begun || !dot.equals(record.subarray(from, to))) throw new FrameError("it begins at another folder");
      begun = true;
      return { node: 0, pruned: undefined, identity: null, levels: Number.POSITIVE_INFINITY };
    },
    onStart: () => undefined,
    onMark: () => undefined,
    onUnread: (node) => unread.push(node),
  });
  let header: Omit<Baseline["scan"], "tree" | "unread"> | null = null;
  let takenAt = 0;
  let records = 0;
  let total = 0;
  let ended = false;
  let isTarget = false;

  const onRecord = (buffer: Buffer, from: number, to: number): void => {
    if (ended) throw new BaselineError("something follows its end");
    if (header === null) {
      const read = headerOf(buffer.toString("utf8", from, to));
      header = read.scan;
      takenAt = read.takenAt;
      return;
    }
    const end =
      !isTarget && buffer[from] === 0x65 ? /^end (\d{1,10})$/.exec(buffer.toString("latin1", from, to)) : null;
    if (end !== null) {
      if (Number(end[1]) !== records) throw new BaselineError("a part of it is missing");
      ended = true;
      return;
    }
    if (!isTarget) records += 1;
    isTarget = !isTarget && buffer[from] === 0x6c;
    reader.onRecord(buffer, from, to);
  };

  try {
    let rest: Buffer = Buffer.alloc(0);
    const plain = Readable.from([bytes]).pipe(createGunzip({ chunkSize: 1 << 18 }));
    for await (const chunk of plain) {
      total += (chunk as Buffer).length;
      if (total > mostBytes) throw new BaselineError("it is too large");
      const buffer = Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let to = buffer.indexOf(0); to >= 0; to = buffer.indexOf(0, from)) {
        onRecord(buffer, from, to);
        from = to + 1;
      }
      rest = buffer.subarray(from);
      if (rest.length > (header === null ? headerLimit : recordLimit))
        throw new BaselineError("a record of it is too long");
    }
    if (!ended || rest.length > 0) throw new BaselineError("a part of it is missing");
    reader.finish();
  } catch (error) {
    if (error instanceof BaselineError) throw error;
    const detail = error instanceof FrameError || error instanceof RangeError ? error.message : "it is damaged";
    throw new BaselineError(detail, { cause: error });
  }
  if (header === null) throw new BaselineError("a part of it is missing");
  const paths = unread.map((node) => `/${builder.relativePath(node).toString("utf8")}`);
  return {
    takenAt,
    scan: { ...(header as Omit<HostScan, "tree" | "unread">), tree: freezeTree(builder), unread: paths.sort() },
  };
}

function headerOf(text: string): { readonly takenAt: number; readonly scan: Omit<HostScan, "tree" | "unread"> } {
  const given = objectOf(parse(text));
  if (given["tidemark"] !== version) throw new BaselineError("it is no baseline, or of another version of Tidemark");
  const prefix = given["prefix"];
  return {
    takenAt: numberOf(given["takenAt"]),
    scan: {
      host: textIn(given["host"]),
      name: given["name"] === null ? null : textIn(given["name"]),
      root: rootOf(objectOf(given["root"])),
      bootTime: given["bootTime"] === null ? null : numberOf(given["bootTime"]),
      mounts: listOf(given["mounts"]).map((mount) => mountOf(objectOf(mount))),
      ephemeralMounts: listOf(given["ephemeralMounts"]).map(textIn),
      users: [],
      groups: new Map(),
      oldRoot: null,
      oldRoots: [],
      blank: null,
      deployed: null,
      notes: [],
      ...(prefix === undefined ? {} : { prefix: textIn(prefix) }),
    },
  };
}

function rootOf(given: Given): RootInfo {
  const kind = kinds.find((each) => each === given["kind"]);
  const ephemeral = given["ephemeral"];
  if (kind === undefined || (ephemeral !== null && typeof ephemeral !== "boolean")) throw damaged();
  return {
    kind,
    ephemeral,
    source: textIn(given["source"]),
    fsType: textIn(given["fsType"]),
    subvolume: textIn(given["subvolume"]),
  };
}

function mountOf(given: Given): Mount {
  return {
    mountPoint: textIn(given["mountPoint"]),
    root: textIn(given["root"]),
    fsType: textIn(given["fsType"]),
    source: textIn(given["source"]),
    device: textIn(given["device"]),
  };
}

type Given = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BaselineError("it is no baseline", { cause: error });
  }
}

function objectOf(value: unknown): Given {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw damaged();
  return value as Given;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged();
  return value;
}

function textIn(value: unknown): string {
  if (typeof value !== "string") throw damaged();
  return value;
}

function numberOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw damaged();
  return value;
}

function damaged(): BaselineError {
  return new BaselineError("its header is damaged");
}
