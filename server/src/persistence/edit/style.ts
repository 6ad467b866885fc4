import type { Span } from "../../syntax/span";
import type { Entry } from "../model";
import type { EditFile } from "./storages";
import { lineEnd } from "./tokens";

/** How a file is written, so that new text looks like the old. */
export interface Style {
  readonly eol: "\n" | "\r\n";
  /** One step of indentation. */
  readonly unit: string;
  /** `[ "a" ]` (nixfmt) rather than `["a"]` (alejandra); null where the file has no such list to tell. */
  readonly padded: boolean | null;
  /** Entries that are sets. True: always over several lines; false: always on one; null: on one line where it fits. */
  readonly spread: boolean | null;
  /** `{ a = 1; }` rather than `{a = 1;}`. */
  readonly paddedSets: boolean;
}

/** A text with its style, on which edits are drawn. */
export interface Page {
  readonly text: string;
  readonly style: Style;
  /** One-line sets (by the offset of their `{`) that are being broken into several lines: what they hold moves one step in. */
  readonly broken: readonly Span[];
}

/** True when the text of `span` has no line break. */
export function isOneLine(text: string, span: Span): boolean {
  return !/[\n\r]/.test(text.slice(span.start, span.end));
}

/** The indentation the line of `at` has once the edits are made. */
export function indentAt({ text, style, broken }: Page, at: number): string {
  const start = lineStart(text, at);
  const around = broken.filter((set) => set.start >= start && set.start < at && at < set.end);
  return lineIndent(text, at) + style.unit.repeat(around.length);
}

/** Lines are kept within this many columns where there is a choice. */
export const widest = 100;

export function styleOf({ text, persistence }: EditFile): Style {
  const tight = text.match(/\[["{](?!\r?\n)/g)?.length ?? 0;
  const loose = text.match(/\[ +["{(]/g)?.length ?? 0;
  const padded = tight === 0 && loose === 0 ? null : loose >= tight;
  const entries = persistence.blocks.flatMap((block) => block.lists.flatMap((list) => list.entries));
  const own = { eol: /\r\n/.test(text) ? "\r\n" : "\n", unit: unitOf(text), padded, spread: null } as const;
  return styleAmong({ ...own, paddedSets: padded !== false }, text, entries);
}

/** The style as the sets among `entries` show it; unchanged where there are none. */
export function styleAmong(style: Style, text: string, entries: readonly Entry[]): Style {
  const sets = entries.filter(({ form }) => form === "attrs").map(({ span }) => text.slice(span.start, span.end));
  if (sets.length === 0) return style;
  const single = sets.filter((set) => !set.includes("\n"));
  const [example] = single;
  const paddedSets = example === undefined ? style.paddedSets : /^\(?\{\s/.test(example);
  return { ...style, spread: single.length < sets.length, paddedSets };
}

function unitOf(text: string): string {
  let tabs = 0;
  const widths: number[] = [];
  for (const [, blanks = ""] of text.matchAll(/^([ \t]+)\S/gm)) {
    if (blanks.startsWith("\t")) tabs++;
    else widths.push(blanks.length);
  }
  if (tabs > widths.length) return "\t";
  return widths.length > 0 && widths.every((width) => width % 4 === 0) ? "    " : "  ";
}

export function lineStart(text: string, at: number): number {
  if (at === 0) return 0;
  return Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;
}

/** The blanks the line of `at` begins with. */
export function lineIndent(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? "";
}

/** Blanks that reach the column of `at`: the line's own indentation where nothing else stands before it. */
export function columnIndent(text: string, at: number): string {
  return text.slice(lineStart(text, at), at).replace(/[^\t]/g, " ");
}

/** Columns of a piece of a line; a tab counts as four. */
export function columns(piece: string): number {
  return [...piece].reduce((sum, character) => sum + (character === "\t" ? 4 : 1), 0);
}

/** Columns of the whole line `at` stands on. */
export function lineColumns(text: string, at: number): number {
  return columns(text.slice(lineStart(text, at), lineEnd(text, at)));
}

/**
 * Where a new line may begin after the thing that ends at `at`: behind the comments and blanks that follow it on its line.
 * When something else follows on the line, `at` itself.
 */
export function lineTail(text: string, at: number, limit: number): number {
  let offset = at;
  for (;;) {
    while (offset < limit && (text[offset] === " " || text[offset] === "\t")) offset++;
    if (text[offset] === "#" && offset < limit) offset = lineEnd(text, offset);
    else if (text.startsWith("/*", offset) && offset < limit) {
      const end = text.indexOf("*/", offset + 2);
      if (end === -1 || end + 2 > limit) return at;
      offset = end + 2;
      continue;
    }
    return offset >= text.length || text[offset] === "\n" || text[offset] === "\r" ? offset : at;
  }
}
