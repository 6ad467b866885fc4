import type { NodeId, ScanTree } from "../hosts/model";

/**
 * Looks names up without making strings of them: a scan has a million. Answers the value of the name itself, else that of the first
 * of `endings` it ends with, else null. Names and endings must not be empty.
 */
export function nameMatcher<T>(
  names: ReadonlyMap<string, T>,
  endings: ReadonlyMap<string, T> = new Map(),
): (tree: ScanTree, node: NodeId) => T | null {
  const wholes = patternsOf(names);
  const ends = patternsOf(endings);
  // Nearly every name is told from all patterns by its length and first byte, and by its last byte.
  const byStart = grouped(wholes, ({ bytes }) => slotOf(bytes.length, bytes[0]));
  const byEnd = grouped(ends, ({ bytes }) => bytes.at(-1) ?? 0);
  const starts = marked(byStart, slots);
  const lasts = marked(byEnd, 256);
  return ({ nameBytes }, node) => {
    const { pool } = nameBytes;
    const start = nameBytes.starts[node] ?? 0;
    const length = nameBytes.lengths[node] ?? 0;
    if (length === 0) return null;
    const slot = slotOf(length, pool[start]);
    if (starts[slot] === 1)
      for (const { bytes, value } of byStart[slot] ?? none)
        if (bytes.length === length && isAt(pool, start, bytes)) return value;
    const last = pool[start + length - 1] ?? 0;
    if (lasts[last] === 1)
      for (const { bytes, value } of byEnd[last] ?? none)
        if (bytes.length <= length && isAt(pool, start + length - bytes.length, bytes)) return value;
    return null;
  };
}

interface Pattern<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

const none: readonly never[] = [];
const encoder = new TextEncoder();

function patternsOf<T>(values: ReadonlyMap<string, T>): Pattern<T>[] {
  return [...values].map(([text, value]) => ({ bytes: encoder.encode(text), value }));
}

const slots = 32 << 8;

function slotOf(length: number, first: number | undefined): number {
  return (Math.min(length, 31) << 8) | (first ?? 0);
}

function grouped<T>(patterns: readonly Pattern<T>[], slot: (pattern: Pattern<T>) => number): Pattern<T>[][] {
  const groups: Pattern<T>[][] = [];
  for (const pattern of patterns) {
    const group = groups[slot(pattern)];
    if (group === undefined) groups[slot(pattern)] = [pattern];
    else group.push(pattern);
  }
  return groups;
}

/** Which groups have something: asked for each name, where a list of lists would take several times as long. */
function marked(groups: readonly unknown[], size: number): Uint8Array {
  const marks = new Uint8Array(size);
  for (const slot of groups.keys()) if (groups[slot] !== undefined) marks[slot] = 1;
  return marks;
}

function isAt(pool: Uint8Array, start: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) if (pool[start + at] !== bytes[at]) return false;
  return true;
}
