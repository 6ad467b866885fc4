import type { Span } from "../../syntax/span";
import { contains } from "../../syntax/span";
import type { ListDeclaration } from "../model";
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
export function elementsOf(text: string, list: ListDeclaration, literal: Span): Element[] | null {
  if (list.value.kind !== "list") return null;
  const inside = { start: literal.start + 1, end: literal.end - 1 };
  if (text[literal.start] !== "[" || text[inside.end] !== "]") return null;
  const spans = list.value.elements.map((element) => element.value.span).filter((span) => contains(inside, span));
  spans.sort((a, b) => a.start - b.start);
  const found: Element[] = [];
  let at = inside.start;
  let group = 0;
  for (const span of spans) {
    if (skipBlanks(text, at, span.start) !== span.start) return null;
    if (found.length > 0 && separates(text.slice(at, span.start))) group++;
    const entry = list.entries.find(({ span: own }) => own.start === span.start && own.end === span.end);
    found.push({ span, written: entry?.written ?? null, group });
    at = span.end;
  }
  return skipBlanks(text, at, inside.end) === inside.end ? found : null;
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
  const left = a.split("/").filter((segment) => segment !== "");
  const right = b.split("/").filter((segment) => segment !== "");
  let depth = 0;
  while (depth < left.length && depth < right.length && left[depth] === right[depth]) depth++;
  return depth;
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
