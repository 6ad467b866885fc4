import { PlaceWalk } from "../../syntax/placeWalk";
import type { Span } from "../../syntax/span";

/**
 * Where a comment about an offset can stand, as an offset of that line: the offset itself, or, inside of a string, the beginning of that
 * string (the outermost one), since there a comment would become a part of it. The text is read once, at the first question.
 */
export function commentPlaces(text: string): (offset: number) => number {
  let known: readonly Span[] | null = null;
  return (offset) => {
    known ??= stringsOverLines(text);
    return stringAt(known, offset)?.start ?? offset;
  };
}

/** The outermost strings that do not end on the line they begin on, in the order of the text, quotes included. */
function stringsOverLines(text: string): readonly Span[] {
  const found: Span[] = [];
  const walk = new PlaceWalk(text);
  let open: { readonly start: number; readonly depth: number } | null = null;
  while (walk.at < text.length) {
    walk.step();
    if (open === null && walk.inString) open = { start: walk.top.start, depth: walk.stack.length };
    if (open === null || walk.stack.length >= open.depth) continue;
    if (text.slice(open.start, walk.at).includes("\n")) found.push({ start: open.start, end: walk.at });
    open = null;
  }
  if (open !== null) found.push({ start: open.start, end: text.length });
  return found;
}

/** The string that has an offset in it, not at its beginning. */
function stringAt(strings: readonly Span[], offset: number): Span | null {
  let low = 0;
  for (let high = strings.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((strings[middle]?.start ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  const before = strings[low - 1];
  return before !== undefined && offset < before.end ? before : null;
}
