import type { Span } from "../../syntax/span";
import { type Token, tokens } from "./tokens";

/** One `a.b.c = value;` or `inherit …;` as it stands in the text of a set. */
export interface TextBinding {
  readonly span: Span;
  /** The segments as written; for an `inherit`, null. */
  readonly path: readonly string[] | null;
  /** Names an `inherit` brings in. */
  readonly inherited: readonly string[];
  /** The value's `{ … }` where it is written as one. */
  readonly set: Span | null;
}

/** The braces of a set's span, without a leading `rec`; null where the span is no set. */
export function bracesOf(text: string, set: Span): Span | null {
  const start = text.indexOf("{", set.start);
  if (start === -1 || start >= set.end || text[set.end - 1] !== "}") return null;
  return /^(?:rec\s*)?$/.test(text.slice(set.start, start)) ? { start, end: set.end } : null;
}

/** The bindings of a `{ … }` in order, or null where its text is not understood. */
export function bindingsOf(text: string, braces: Span): TextBinding[] | null {
  const all = tokens(text, braces.start + 1, braces.end - 1);
  if (all === null) return null;
  const found: TextBinding[] = [];
  for (let first = 0; first < all.length; ) {
    const last = statementEnd(text, all, first);
    if (last === null) return null;
    const binding = readStatement(text, all.slice(first, last + 1));
    if (binding === null) return null;
    found.push(binding);
    first = last + 1;
  }
  return found;
}

/** Index of the `;` that ends the statement: not one of a `let … in`, `with …;` or `assert …;` inside the value. */
function statementEnd(text: string, all: readonly Token[], first: number): number | null {
  let lets = 0;
  let pending = 0;
  for (let index = first; index < all.length; index++) {
    const token = all[index];
    if (token === undefined) break;
    const written = text.slice(token.start, token.end);
    if (token.kind === "word") {
      if (written === "let") lets++;
      else if (written === "in") lets = Math.max(0, lets - 1);
      else if (written === "with" || written === "assert") pending++;
    } else if (token.kind === "symbol" && written === ";") {
      if (pending > 0) pending--;
      else if (lets === 0) return index;
    }
  }
  return null;
}

function readStatement(text: string, statement: readonly Token[]): TextBinding | null {
  const [first] = statement;
  const last = statement[statement.length - 1];
  if (first === undefined || last === undefined) return null;
  const span = { start: first.start, end: last.end };
  if (first.kind === "word" && text.slice(first.start, first.end) === "inherit") {
    const names = statement.slice(1, -1).filter((token) => token.kind === "word" || token.kind === "string");
    return { span, path: null, inherited: names.map((token) => text.slice(token.start, token.end)), set: null };
  }
  const equals = statement.findIndex((token) => token.kind === "symbol" && text.slice(token.start, token.end) === "=");
  const path = segments(text, statement.slice(0, equals));
  if (equals < 1 || path === null) return null;
  return { span, path, inherited: [], set: setOf(text, statement.slice(equals + 1, -1)) };
}

/** The segments of an attribute path as written: names, strings and `${…}` with dots between them. */
function segments(text: string, path: readonly Token[]): string[] | null {
  const found: string[] = [];
  for (const [index, token] of path.entries()) {
    const written = text.slice(token.start, token.end);
    if (index % 2 === 1) {
      if (written !== ".") return null;
    } else if (token.kind === "symbol" || (token.kind === "group" && !written.startsWith("${"))) return null;
    else found.push(written);
  }
  return path.length % 2 === 1 ? found : null;
}

/** Segments of the attribute path that fills `span`, or null. */
export function segmentsIn(text: string, span: Span): string[] | null {
  const path = tokens(text, span.start, span.end);
  return path === null ? null : segments(text, path);
}

function setOf(text: string, value: readonly Token[]): Span | null {
  const [first, second] = value;
  if (first === undefined || value.length > 2) return null;
  const recursive = value.length === 2 && text.slice(first.start, first.end) === "rec";
  const set = recursive ? second : value.length === 1 ? first : undefined;
  return set?.kind === "group" && text[set.start] === "{" ? { start: set.start, end: set.end } : null;
}

/** The brackets around `span`, outermost first; as far as the text is understood. */
function groupsAround(text: string, span: Span): Span[] {
  const found: Span[] = [];
  for (let inner = { start: 0, end: text.length }; ; ) {
    const around = tokens(text, inner.start, inner.end)?.find(
      (token) => token.kind === "group" && token.start < span.start && span.end < token.end,
    );
    if (around === undefined) return found;
    found.push({ start: around.start, end: around.end });
    inner = { start: around.start + (text[around.start] === "$" ? 2 : 1), end: around.end - 1 };
  }
}

/** The innermost `{ … }` around `span`, or null where something else is the innermost bracket, or none. */
export function enclosingSet(text: string, span: Span): Span | null {
  const innermost = groupsAround(text, span).pop();
  return innermost !== undefined && text[innermost.start] === "{" ? innermost : null;
}

/** All `{ … }` around `span`, outermost first. */
export function setsAround(text: string, span: Span): Span[] {
  return groupsAround(text, span).filter((group) => text[group.start] === "{");
}

/** `"/persist"` and `/persist` spelt as one name, so that `"users"` equals `users`; anything else as written. */
export function nameOf(segment: string): string {
  return /^"[^"\\$]*"$/.test(segment) ? segment.slice(1, -1) : segment;
}

/** True when the segment's name is computed: `${x}`, `"${x}/y"`. */
export function isComputed(segment: string): boolean {
  return segment.includes("${") && !segment.includes("\\${");
}

const keywords = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"]);

/** True when `name` can stand in an attribute path without quotes. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !keywords.has(name);
}
