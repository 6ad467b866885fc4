import type { Span, TextEdit } from "../../syntax/span";
import { indentBefore, lineStart } from "./lines";

/**
 * The edit that takes a list element or a binding out of a text. What stands alone on its lines takes the lines with it,
 * and its own comment behind it; what shares a line with others takes one neighbouring blank with it.
 */
export function removal(text: string, span: Span): TextEdit {
  const lines = wholeLines(text, span);
  return lines === null ? inline(text, span) : { span: lines, text: "" };
}

/** The lines `span` stands on, with the line end, or null where something else stands there. */
function wholeLines(text: string, span: Span): Span | null {
  if (indentBefore(text, span.start) === null) return null;
  const rest = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
  rest.lastIndex = span.end;
  return rest.test(text) ? { start: lineStart(text, span.start), end: rest.lastIndex } : null;
}

function inline(text: string, span: Span): TextEdit {
  const before = text[span.start - 1] ?? "";
  const after = text[span.end] ?? "";
  const firstOnLine = indentBefore(text, span.start) !== null;
  if (/^[ \t]$/.test(before) && !firstOnLine && (/^\s$/.test(after) || isClosing(after)))
    return { span: { start: span.start - 1, end: span.end }, text: "" };
  if (/^[ \t]$/.test(after) && (firstOnLine || isOpening(before)))
    return { span: { start: span.start, end: span.end + 1 }, text: "" };
  // `a"/b"c` must not become `ac`.
  const tight = before.trim() !== "" && after.trim() !== "" && !isOpening(before) && !isClosing(after);
  return { span, text: tight ? " " : "" };
}

function isOpening(character: string): boolean {
  return character !== "" && "[{(;".includes(character);
}

function isClosing(character: string): boolean {
  return character !== "" && "]})".includes(character);
}
