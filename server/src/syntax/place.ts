import { tokenAt } from "./placeTokens";
import { type Opened, PlaceWalk, type Segment } from "./placeWalk";
import type { Span } from "./span";

export type { Segment } from "./placeWalk";

/** What a cursor stands in, found from the text alone, so that it holds while a file is half-typed and does not parse. */
export interface Place {
  /**
   * `name`: where the name of a binding is typed. `value`: in the value of one. `element`: in a list. `string`: inside the quotes of a string.
   */
  readonly at: "name" | "value" | "element" | "string" | "comment" | "other";
  /** The attribute path of what encloses the cursor, from the outermost set inward; `in` marks the step into an element of a list. */
  readonly path: readonly (Segment | "in")[];
  /** Segments typed before the one the cursor is in: `users.josh` of `users.josh.dir|`. */
  readonly typed: readonly Segment[];
  /** The word or path at the cursor; in a string the part of it from the last quote or `${…}` to its end. */
  readonly word: Span;
  /** For `string`: how it is written. */
  readonly string: {
    readonly quote: '"' | "''";
    /** True where its end was found on the same line. */
    readonly closed: boolean;
    /** True where it has no `${…}` before the cursor. */
    readonly plain: boolean;
    /** Where the string stands: as an element, a value, or a name. */
    readonly as: "element" | "value" | "name" | "other";
  } | null;
  /** Names bound in the innermost set, before and after the cursor. */
  readonly names: readonly string[];
  /** Strings in the innermost list, before and after the cursor, without the one at the cursor. */
  readonly strings: readonly string[];
  /** How many brackets are open. */
  readonly depth: number;
}

/** How far behind the cursor siblings are looked for, in characters. */
const lookAhead = 200_000;

/** Finds out where `offset` stands. Never throws; linear in the text. */
export function placeAt(text: string, offset: number): Place {
  const walk = new PlaceWalk(text);
  const found = walk.walkTo(offset);
  if (found === "comment") return { ...nowhere(offset), at: "comment" };
  if (found === "string") return inString(text, offset, walk);
  const { top, stack } = walk;
  const token = walk.at < offset ? tokenAt(text, walk.at) : null;
  const isWord = token?.kind === "word" || token?.kind === "path" || token?.kind === "number";
  const word = token === null || !isWord ? { start: offset, end: offset } : { start: walk.at, end: token.end };
  const path = pathOf(stack);
  const typed = top.dotted ? [...top.run] : [];
  const at = positionOf(text, top, word.start, typed);
  const own = at === "value" || at === "other" ? path : pathOf(stack, at === "name");
  const depth = stack.length - 1;
  walk.at = Math.max(walk.at, word.end);
  const siblings = siblingsOf(text, walk, stack);
  const bare = at === "element" || at === "value" ? { ...word, start: bareStart(text, word.start) } : word;
  return { at, path: own, typed, word: bare, string: null, depth, ...siblings };
}

/** Where a path begins that is typed without quotes: `.config/x` is several words. */
function bareStart(text: string, end: number): number {
  const before = text.slice(Math.max(0, end - 200), end);
  return end - (/[\w.+~/-]*$/.exec(before)?.[0].length ?? 0);
}

function inString(text: string, offset: number, walk: PlaceWalk): Place {
  const { stack, top: string } = walk;
  const outer = stack[stack.length - 2] ?? string;
  const quote = string.kind === "''" ? "''" : '"';
  const begin = Math.max(string.start + quote.length, walk.at);
  const rest = restOfString(text, offset, quote);
  const as =
    outer.kind === "["
      ? "element"
      : outer.kind === "(" || outer.binding !== null
        ? "value"
        : outer.kind === "{" || outer.kind === "let"
          ? "name"
          : "other";
  const typed = outer.dotted ? [...outer.run] : [];
  const path = pathOf(stack.slice(0, -1), as === "name");
  const depth = stack.length - 2;
  const plain = begin === string.start + quote.length;
  walk.leaveString(rest.next);
  const siblings = siblingsOf(text, walk, walk.stack);
  const word = { start: begin, end: rest.end };
  return { at: "string", path, typed, word, string: { quote, closed: rest.closed, plain, as }, depth, ...siblings };
}

/**
 * Where the string at the cursor ends. A string that is being typed has no closing quote yet, and the next quote on its line opens another:
 * it counts as closed when the line has an odd number of them left.
 */
function restOfString(text: string, offset: number, quote: string): { end: number; next: number; closed: boolean } {
  const line = /[^\n\r]*/y;
  line.lastIndex = offset;
  const rest = line.exec(text)?.[0] ?? "";
  const quotes = rest.replace(/\\./g, "  ").split(quote);
  if (quotes.length % 2 === 0) {
    const end = offset + (quotes[0] ?? "").length;
    return { end, next: end + quote.length, closed: true };
  }
  return { end: offset, next: offset, closed: false };
}

function positionOf(text: string, top: Opened, start: number, typed: readonly Segment[]): Place["at"] {
  if (top.kind === "[") return "element";
  if (top.kind === "(" || top.kind === "${" || top.kind === "file") return "other";
  if (top.formals) return "other";
  if (top.binding === null) return top.inherits ? "other" : "name";
  // A line that begins behind a whole value, whose semicolon is not typed yet, most likely begins the next binding.
  const begin = typed[0]?.span.start ?? start;
  const line = text.slice(text.lastIndexOf("\n", begin - 1) + 1, begin);
  const before = typed.length > 0 ? top.before : top.last;
  return before === "whole" && line.trim() === "" ? "name" : "value";
}

/** The attribute path of all that is open; without the innermost binding where the next name is being typed. */
function pathOf(stack: readonly Opened[], withoutLast = false): (Segment | "in")[] {
  const path: (Segment | "in")[] = [];
  for (const [index, { kind, start, binding }] of stack.entries()) {
    // What `let` binds are no options.
    if (kind === "let") path.push({ name: null, span: { start, end: start } });
    if (kind === "[" && index < stack.length - 1) path.push("in");
    const last = index === stack.length - 1;
    if (binding !== null && !(last && withoutLast)) path.push(...binding);
  }
  return path;
}

function siblingsOf(text: string, walk: PlaceWalk, stack: readonly Opened[]): Pick<Place, "names" | "strings"> {
  const set = stack.findLast(({ kind }) => kind === "{");
  const list = stack.findLast(({ kind }) => kind === "[");
  const outermost = [set, list].filter((opened) => opened !== undefined).sort((a, b) => a.start - b.start)[0];
  const limit = Math.min(text.length, walk.at + lookAhead);
  const index = outermost === undefined ? -1 : stack.indexOf(outermost);
  while (index >= 0 && walk.at < limit && walk.stack[index] === outermost) walk.step();
  return { names: set?.names ?? [], strings: list?.strings ?? [] };
}

function nowhere(offset: number): Place {
  const word = { start: offset, end: offset };
  return { at: "other", path: [], typed: [], word, string: null, names: [], strings: [], depth: 0 };
}
