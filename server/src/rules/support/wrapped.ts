import { tokens } from "../../persistence/edit/tokens";
import type { Span } from "../../syntax/span";

/** A bracket that a call such as `lib.mkForce { … }` or a branch of an `if` takes, and the one of its kind around it. */
interface Wrapped extends Span {
  readonly around: Wrapped | null;
}

/** The functions that give a definition another priority, so that it replaces others or is dropped. */
export const priorities = /\bmk(?:Force|Default|Override|OptionDefault|VMOverride|ImageMediaOverride)\b/;

/** Those, and what makes a definition depend on a condition. */
export const wrappers = new RegExp(`${priorities.source}|\\bmkIf\\b|\\boptional(?:s|Attrs)?\\b|\\bthen\\b|\\belse\\b`);

/**
 * Tells which bracket behind a word that `words` matches a span lies in: the offset of the innermost one, "" where there is none,
 * and null where the text is not understood. The text is read at the first question, once.
 */
export function wrappedBy(text: string, words: RegExp): (span: Span) => string | null {
  let known: readonly Wrapped[] | null | undefined;
  return (span) => {
    if (known === undefined) known = allIn(text, words);
    if (known === null) return null;
    let low = 0;
    for (let high = known.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((known[middle]?.start ?? span.start) < span.start) low = middle + 1;
      else high = middle;
    }
    let at: Wrapped | null = known[low - 1] ?? null;
    while (at !== null && at.end < span.end) at = at.around;
    return at === null ? "" : String(at.start);
  };
}

/** In the order of the text; null where its brackets are not understood. */
function allIn(text: string, words: RegExp): readonly Wrapped[] | null {
  const found: Wrapped[] = [];
  if (words.test(text) && !collect(text, { start: 0, end: text.length }, null, words, found)) return null;
  return found;
}

/** Adds what `inside` holds. A bracket belongs to a word before it up to the next `=`, `;` or `:`; elements of a list stand for themselves. */
function collect(text: string, inside: Span, around: Wrapped | null, words: RegExp, found: Wrapped[]): boolean {
  const all = tokens(text, inside.start, inside.end);
  if (all === null) return false;
  const isList = text[inside.start - 1] === "[";
  let taken = false;
  for (const token of all) {
    if (token.kind === "group") {
      const wrapped: Wrapped | null = taken && !isList ? { start: token.start, end: token.end, around } : around;
      if (wrapped !== null && wrapped !== around) found.push(wrapped);
      const open = text[token.start] === "$" ? 2 : 1;
      if (!words.test(text.slice(token.start, token.end))) continue;
      if (!collect(text, { start: token.start + open, end: token.end - 1 }, wrapped, words, found)) return false;
    } else if (token.kind === "word") taken ||= words.test(text.slice(token.start, token.end));
    else if (token.end === token.start + 1 && "=;:".includes(text[token.start] ?? "")) taken = false;
  }
  return true;
}
