import { PlaceWalk } from "../syntax/placeWalk";
import { applyEdits, type Span, type TextEdit } from "../syntax/span";
import { eolOf, lineStart } from "./support/lines";
import { commentPlaces } from "./support/stringLines";
import { suppressions } from "./support/suppression";

/**
 * The edit that writes a comment which silences a rule for the line a finding begins on: into a comment that is there for that already,
 * else on a line of its own above, else behind the line. For a line inside of a string, which would take the comment for a part of it,
 * that is the line the string begins on. Null where no comment can stand.
 */
export function silenceLine(text: string, code: string, span: Span): TextEdit | null {
  const at = commentPlaces(text)(span.start);
  const start = lineStart(text, at);
  const above = start === 0 ? null : { start: lineStart(text, start - 1), end: start - 1 };
  const own = { start, end: lineEnd(text, at) };
  const aboveText = above === null ? "" : text.slice(above.start, above.end);
  const indent = /^[ \t]*/.exec(text.slice(start, own.end))?.[0] ?? "";
  const walk = new PlaceWalk(text);
  const edits: (TextEdit | null)[] = [
    above !== null && aboveText.trimStart().startsWith("#") ? extended(text, above, code, "tidemark-ignore") : null,
    extended(text, own, code, "tidemark-ignore"),
    isCode(walk, start) ? insertion(afterMark(text, start), `${indent}# tidemark-ignore ${code}${eolOf(text)}`) : null,
    isCode(walk, own.end) ? insertion(own.end, ` # tidemark-ignore ${code}`) : null,
  ];
  return edits.find((edit) => edit !== null && works(text, edit, code, span)) ?? null;
}

/** The same for the whole file: a comment at its beginning. */
export function silenceFile(text: string, code: string, span: Span): TextEdit | null {
  const first = { start: 0, end: Math.min(text.length, 10_000) };
  const edits = [
    extended(text, first, code, "tidemark-ignore-file"),
    insertion(afterInterpreter(text), `# tidemark-ignore-file ${code}${eolOf(text)}`),
  ];
  return edits.find((edit) => edit !== null && works(text, edit, code, span)) ?? null;
}

/** Whether the comment does what it is for. */
function works(text: string, edit: TextEdit, code: string, span: Span): boolean {
  const moved = edit.span.start <= span.start ? edit.text.length : 0;
  const after = { start: span.start + moved, end: span.end + moved };
  return suppressions(applyEdits(text, [edit]))(code, after);
}

/** Adds the rule to those a comment within `where` names already. */
function extended(text: string, where: Span, code: string, word: string): TextEdit | null {
  const comment = new RegExp(String.raw`#[ \t]*${word}[ \t]+[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*`);
  const match = comment.exec(text.slice(where.start, where.end));
  return match === null ? null : insertion(where.start + match.index + match[0].length, `, ${code}`);
}

function isCode(walk: PlaceWalk, offset: number): boolean {
  // The end of a line belongs to the comment on it, and another comment there is none.
  return walk.walkTo(offset) === "code" && !walk.inString;
}

function insertion(at: number, text: string): TextEdit {
  return { span: { start: at, end: at }, text };
}

/** Behind a byte order mark, which must stay first. */
function afterMark(text: string, offset: number): number {
  return offset === 0 && text.startsWith("\uFEFF") ? 1 : offset;
}

/** Behind the lines that say which program runs the file. */
function afterInterpreter(text: string): number {
  let at = afterMark(text, 0);
  while (text.startsWith("#!", at) && text.includes("\n", at)) at = text.indexOf("\n", at) + 1;
  return at;
}

/** The end of a line without the characters that end it. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end === -1) return text.length;
  return text.charAt(end - 1) === "\r" ? end - 1 : end;
}
