import type { Span } from "../../syntax/span";
import { lineStart } from "./lines";
import { commentPlaces } from "./stringLines";

const ids = String.raw`[ \t]+([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)`;
const lineComment = new RegExp(String.raw`#[ \t]*tidemark-ignore${ids}`);
const fileComment = new RegExp(String.raw`#[ \t]*tidemark-ignore-file${ids}`, "g");

/**
 * Which rules the comments of a text silence: `# tidemark-ignore <id>, <id>` at the end of a line for that line, on a line of its own
 * for the next one, and `# tidemark-ignore-file <id>` in the comment a file begins with for the whole file. What holds
 * for the line a string begins on holds for all that is inside.
 */
export function suppressions(text: string): (code: string, span: Span) => boolean {
  if (!text.includes("tidemark-ignore")) return () => false;
  const wholeFile = new Set<string>();
  for (const match of leadingComment(text).matchAll(fileComment)) for (const id of listed(match[1])) wholeFile.add(id);
  const commentPlace = commentPlaces(text);
  return (code, { start }) =>
    wholeFile.has(code) || ignoresLine(text, start, code) || ignoresLine(text, commentPlace(start), code);
}

/** Whether a comment on the line of `offset`, or on one of its own above it, names a rule. */
function ignoresLine(text: string, offset: number, code: string): boolean {
  const start = lineStart(text, offset);
  const end = text.indexOf("\n", offset);
  if (ignores(text.slice(start, end === -1 ? text.length : end), code)) return true;
  if (start === 0) return false;
  const above = text.slice(lineStart(text, start - 1), start - 1);
  return above.trimStart().startsWith("#") && ignores(above, code);
}

function ignores(line: string, code: string): boolean {
  return listed(lineComment.exec(line)?.[1]).includes(code);
}

function listed(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(",").map((id) => id.trim());
}

/** Comments and blank lines before the first Nix. */
function leadingComment(text: string): string {
  let offset = 0;
  for (;;) {
    if (text.startsWith("#", offset)) offset = endOf(text, "\n", offset);
    else if (text.startsWith("/*", offset)) offset = endOf(text, "*/", offset + 2);
    else if (offset < text.length && text.charAt(offset).trim() === "") offset++;
    else return text.slice(0, offset);
  }
}

/** The offset behind the next `mark`, or the end of the text. */
function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}
