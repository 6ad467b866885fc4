import type { Span } from "../../syntax/span";
import type { Entry, ListDeclaration } from "../model";
import { skipBlanks } from "./tokens";

/** One element of a `[ … ]`, with what an edit needs to know about it. */
export interface Element {
  readonly span: Span;
  /** The path it names, where that is known. */
  readonly written: string | null;
  /** Elements between two blank lines or comment lines share a group. */
  readonly group: number;
}

/** Where a new element goes: behind the element with this index, or before it. */
export interface Slot {
  readonly side: "after" | "before";
  readonly index: number;
  /** False where it only goes to the end for want of relatives. */
  readonly related: boolean;
  /** Several new elements at one place stand in the order of their keys. */
  readonly key: string;
}

/** The elements of one literal of a list in order, or null where something in it is not understood. */
export function elementsOf(text: string, list: ListDeclaration, literal: Span): readonly Element[] | null {
  const known = indexOf(list);
  let elements = known.literals.get(literal.start);
  if (elements === undefined) {
    elements = readElements(text, known, literal);
    known.literals.set(literal.start, elements);
  }
  return elements;
}

function readElements(text: string, { spans, written }: ListIndex, literal: Span): readonly Element[] | null {
  const inside = { start: literal.start + 1, end: literal.end - 1 };
  if (spans === null || text[literal.start] !== "[" || text[inside.end] !== "]") return null;
  const found: Element[] = [];
  let at = inside.start;
  let group = 0;
  for (let index = firstFrom(spans, inside.start); index < spans.length; index++) {
    const span = spans[index];
    if (span === undefined || span.start >= inside.end) break;
    if (span.end > inside.end) continue;
    if (skipBlanks(text, at, span.start) !== span.start) return null;
    if (found.length > 0 && separates(text.slice(at, span.start))) group++;
    const entry = written.get(span.start);
    found.push({ span, written: entry?.span.end === span.end ? entry.written : null, group });
    at = span.end;
  }
  return skipBlanks(text, at, inside.end) === inside.end ? found : null;
}

/** What is looked up again and again in one list: for each literal and each target. Lists of machines have very many entries. */
interface ListIndex {
  /** Of all elements, in the order of the text; null where the value is no list. */
  readonly spans: readonly Span[] | null;
  /** Entries by where they start. */
  readonly written: ReadonlyMap<number, Entry>;
  /** What was read already, by where the literal starts. */
  readonly literals: Map<number, readonly Element[] | null>;
}

const indexes = new WeakMap<ListDeclaration, ListIndex>();

function indexOf(list: ListDeclaration): ListIndex {
  let index = indexes.get(list);
  if (index === undefined) {
    const spans = list.value.kind === "list" ? list.value.elements.map((element) => element.value.span) : null;
    spans?.sort((a, b) => a.start - b.start);
    index = { spans, written: new Map(list.entries.map((entry) => [entry.span.start, entry])), literals: new Map() };
    indexes.set(list, index);
  }
  return index;
}

/** The index of the first span that starts at `offset` or behind it. */
function firstFrom(spans: readonly Span[], offset: number): number {
  let low = 0;
  for (let high = spans.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.start ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A blank line or a comment on its own line between two elements begins a new group. */
function separates(gap: string): boolean {
  return /\n[ \t\r]*(?:\n|#|\/\*)/.test(gap);
}

/**
 * Where people would put `written`: the sorted place in a sorted list of three or more; else behind the last of the elements that share
 * the longest path with it (in its sorted place, where their group is sorted); else at the end. The list must not be empty.
 */
export function slotFor(elements: readonly Element[], written: string): Slot {
  const sorted = sortedSlot(elements, 0, elements.length, written);
  if (sorted !== null) return sorted;
  const sibling = siblingOf(elements, written);
  if (sibling === null) return { side: "after", index: elements.length - 1, related: false, key: written };
  const group = elements[sibling]?.group;
  const first = elements.findIndex((element) => element.group === group);
  const last = elements.findLastIndex((element) => element.group === group);
  return (
    sortedSlot(elements, first, last + 1, written) ?? { side: "after", index: sibling, related: true, key: written }
  );
}

function siblingOf(elements: readonly Element[], written: string): number | null {
  let best: number | null = null;
  let deepest = 0;
  for (const [index, element] of elements.entries()) {
    if (element.written === null) continue;
    // `x.pub` belongs behind `x`, closer than to anything else in the directory.
    const companion = written.startsWith(`${element.written}.`) ? 0.5 : 0;
    const depth = sharedDepth(element.written, written) + companion;
    if (depth >= 1 && depth >= deepest) {
      best = index;
      deepest = depth;
    }
  }
  return best;
}

/** The number of leading directories two paths of one scope share. */
export function sharedDepth(a: string, b: string): number {
  for (let depth = 0, left = 0, right = 0; ; depth++) {
    while (a[left] === "/") left++;
    while (b[right] === "/") right++;
    if (left >= a.length || right >= b.length) return depth;
    for (; left < a.length && a[left] !== "/" && a[left] === b[right]; left++) right++;
    if (!isSegmentEnd(a, left) || !isSegmentEnd(b, right)) return depth;
  }
}

/** Directories that hold what has nothing to do with one another. */
const usual = new Set([
  ...["etc", "home", "mnt", "opt", "root", "srv", "usr", "var", "var/cache", "var/db", "var/lib", "var/lib/private"],
  ...["var/log", "var/spool", ".cache", ".config", ".local", ".local/share", ".local/state", ".var", ".var/app"],
]);

/** The number of leading directories that a path shares with most others. */
export function usualDepth(written: string): number {
  const segments = written.split("/").filter((segment) => segment !== "");
  let depth = 0;
  while (depth < segments.length && usual.has(segments.slice(0, depth + 1).join("/"))) depth++;
  return depth;
}

function isSegmentEnd(path: string, at: number): boolean {
  return at >= path.length || path[at] === "/";
}

type Order = (path: string) => string;
const orders: readonly Order[] = [(path) => path, (path) => path.toLowerCase()];

/** The sorted place among `elements[from … to)`, or null where they are fewer than three or not sorted. */
function sortedSlot(elements: readonly Element[], from: number, to: number, written: string): Slot | null {
  const known = elements.slice(from, to).flatMap((element, index) => {
    return element.written === null ? [] : [{ written: element.written, index: from + index }];
  });
  const [first] = known;
  if (first === undefined || known.length < 3) return null;
  for (const order of orders) {
    const keys = known.map((element) => order(element.written));
    if (keys.some((key, index) => index > 0 && (keys[index - 1] ?? "") > key)) continue;
    const behind = known.findLast((element) => order(element.written) <= order(written));
    const place = { related: true, key: order(written) };
    return behind === undefined
      ? { side: "before", index: first.index, ...place }
      : { side: "after", index: behind.index, ...place };
  }
  return null;
}
