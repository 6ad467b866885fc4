import type { Span, TextEdit } from "../../syntax/span";
import type { ListDeclaration, PersistenceModule } from "../model";
import { entryLine, entryText, isPlain } from "./entryText";
import { inlineList, spreadList } from "./newList";
import { type Element, elementsOf, type Slot, slotFor } from "./slot";
import {
  columnIndent,
  columns,
  indentAt,
  isOneLine,
  lineColumns,
  lineIndent,
  lineStart,
  lineTail,
  type Page,
  styleAmong,
  widest,
} from "./style";
import { type Token, tokens } from "./tokens";
import type { Wanted } from "./wanted";

/** An inline list grows inline up to this many elements. */
const mostInline = 4;

/** Adds entries to one `[ … ]` of a list. Empty when the literal's text is not understood. */
export function editLiteral(page: Page, list: ListDeclaration, literal: Span, wanted: readonly Wanted[]): TextEdit[] {
  const { text } = page;
  const elements = elementsOf(text, list, literal);
  if (elements === null) return [];
  const style = styleAmong(page.style, text, list.entries);
  const sets = list.entries.some((entry) => entry.form === "attrs");
  const edit: ListEdit = { page: { ...page, style }, literal, elements, wanted, module: list.module, sets };
  if (elements.length === 0) return [fillEmpty(edit)];
  const gaps = gapsOf(edit);
  if (gaps.some((gap) => /[\n\r]/.test(text.slice(gap.start, gap.end)))) return addLines(edit);
  const inline = addInline(edit);
  const shifts = elements.map((element) => shiftLines(edit, element.span));
  const tall = shifts.some((shift) => shift === null || shift.length > 0);
  if (!tall && staysInline(edit, inline)) return inline;
  const movable = shifts.every((shift) => shift !== null);
  const blank = gaps.every((gap) => text.slice(gap.start, gap.end).trim() === "");
  return movable && blank ? [...breakUp(edit, gaps), ...shifts.flat()] : inline;
}

interface ListEdit {
  readonly page: Page;
  readonly literal: Span;
  readonly elements: readonly Element[];
  readonly wanted: readonly Wanted[];
  readonly module: PersistenceModule;
  /** The list holds sets already. */
  readonly sets: boolean;
}

/** What lies between the brackets and the elements: one gap more than there are elements. */
function gapsOf({ literal, elements }: ListEdit): Span[] {
  const starts = [literal.start + 1, ...elements.map((element) => element.span.end)];
  const ends = [...elements.map((element) => element.span.start), literal.end - 1];
  return starts.map((start, index) => ({ start, end: ends[index] ?? start }));
}

/** A list without elements: only blanks, or comments too, between the brackets. */
function fillEmpty(edit: ListEdit): TextEdit {
  const { page, literal, wanted, module } = edit;
  const { text, style } = page;
  const inside = { start: literal.start + 1, end: literal.end - 1 };
  const held = text.slice(inside.start, inside.end);
  if (held.trim() !== "") return fillAmongComments(edit, inside.start + held.trimEnd().length);
  const inline = inlineList(wanted, module, style, style.padded ?? held !== "");
  const longer = inline === null ? 0 : columns(inline) - columns(text.slice(literal.start, literal.end));
  const fits = !/[\n\r]/.test(held) && lineColumns(text, literal.start) + longer <= widest;
  const whole = fits && inline !== null ? inline : spreadList(wanted, module, style, indentAt(page, literal.start));
  return { span: inside, text: whole.slice(1, -1) };
}

/** Behind the comments of a list that has no elements; `at` is where the last comment ends. */
function fillAmongComments(edit: ListEdit, at: number): TextEdit {
  const { text, style } = edit.page;
  const { literal } = edit;
  const commentLine = lineIndent(text, at);
  const outer = indentAt(edit.page, literal.start);
  const indent = commentLine.length > outer.length ? commentLine : outer + style.unit;
  const lines = textsOf(edit, edit.wanted, indent).map((line) => style.eol + indent + line);
  if (/[\n\r]/.test(text.slice(at, literal.end))) return { span: { start: at, end: at }, text: lines.join("") };
  return { span: { start: at, end: literal.end - 1 }, text: `${lines.join("")}${style.eol}${outer}` };
}

function textsOf({ page, module }: ListEdit, wanted: readonly Wanted[], indent: string): string[] {
  return wanted.map((one) => entryText(one, module, page.style, indent));
}

interface Placed {
  readonly side: Slot["side"];
  readonly index: number;
  readonly wanted: readonly Wanted[];
}

/** New entries by place; at one place those with relatives there come first, then by name. */
function placed({ elements, wanted }: ListEdit): Placed[] {
  const slots = wanted.map((one) => ({ one, slot: slotFor(elements, one.written) }));
  slots.sort((a, b) => Number(b.slot.related) - Number(a.slot.related) || compare(a.slot.key, b.slot.key));
  const places = new Map<string, Slot & { readonly wanted: Wanted[] }>();
  for (const { one, slot } of slots) {
    const place = places.get(slot.side + slot.index);
    if (place === undefined) places.set(slot.side + slot.index, { ...slot, wanted: [one] });
    else place.wanted.push(one);
  }
  return [...places.values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function elementAt({ elements }: ListEdit, index: number): Element {
  const element = elements[index];
  if (element === undefined) throw new RangeError("a place outside the list");
  return element;
}

/** New elements in a list that stands on several lines: each on its own line, indented like its neighbour. */
function addLines(edit: ListEdit): TextEdit[] {
  const { literal } = edit;
  const { text, style } = edit.page;
  return placed(edit).map(({ side, index, wanted }) => {
    const element = elementAt(edit, index);
    const indent = columnIndent(text, element.span.start);
    const lines = textsOf(edit, wanted, indent);
    if (side === "before") {
      const at = alone(edit.elements, index) ? aboveComments(text, element.span.start) : element.span.start;
      return { span: { start: at, end: at }, text: lines.map((line) => line + style.eol + indent).join("") };
    }
    const at = lineTail(text, element.span.end, literal.end - 1);
    return { span: { start: at, end: at }, text: lines.map((line) => style.eol + indent + line).join("") };
  });
}

/** True when the element is the only one of its group, so that a comment above it speaks of it alone. */
function alone(elements: readonly Element[], index: number): boolean {
  const group = elements[index]?.group;
  return elements[index - 1]?.group !== group && elements[index + 1]?.group !== group;
}

/** The beginning of the comment lines directly above the line of the element at `at`; `at` where there are none, or it begins no line. */
function aboveComments(text: string, at: number): number {
  let found = at;
  let line = lineStart(text, at);
  if (text.slice(line, at).trim() !== "") return at;
  while (line > 0) {
    const above = lineStart(text, line - 1);
    const comment = /^[ \t]*(?=#)/.exec(text.slice(above, line));
    if (comment === null) break;
    found = above + comment[0].length;
    line = above;
  }
  return found;
}

function addInline(edit: ListEdit): TextEdit[] {
  const { module, page } = edit;
  return placed(edit).map(({ side, index, wanted }) => {
    const before = side === "before";
    const element = elementAt(edit, index);
    const lines = wanted.map((one) => entryLine(one, module, page.style));
    const at = before ? element.span.start : element.span.end;
    return { span: { start: at, end: at }, text: before ? `${lines.join(" ")} ` : ` ${lines.join(" ")}` };
  });
}

/** Whether an inline list may stay so: few elements, sets only if it has some already, and the line not too long. */
function staysInline({ page, literal, elements, wanted, module, sets }: ListEdit, inline: TextEdit[]): boolean {
  const longer = inline.reduce((sum, edit) => sum + columns(edit.text), 0);
  const firstSet = !sets && wanted.some((one) => !isPlain(one, module));
  const fits = lineColumns(page.text, literal.start) + longer <= widest;
  return !firstSet && fits && elements.length + wanted.length <= mostInline;
}

/** An inline list that became too long: one element per line. Only the blanks between the elements are replaced. */
function breakUp(edit: ListEdit, gaps: readonly Span[]): TextEdit[] {
  const { page, literal, elements } = edit;
  const { style } = page;
  const outer = indentAt(page, literal.start);
  const indent = outer + style.unit;
  const added = new Map<number, string[]>();
  for (const { side, index, wanted } of placed(edit)) {
    const gap = side === "before" ? index : index + 1;
    added.set(gap, (added.get(gap) ?? []).concat(textsOf(edit, wanted, indent)));
  }
  return gaps.map((span, gap) => {
    const lines = (added.get(gap) ?? []).map((line) => style.eol + indent + line).join("");
    return { span, text: lines + style.eol + (gap === elements.length ? outer : indent) };
  });
}

/** Moves the lines of an element that hugs its list, as in `[{ … }]`, one step in; null where a line may lie in a string. */
function shiftLines({ page }: ListEdit, span: Span): TextEdit[] | null {
  const { text, style } = page;
  const lines = [...text.slice(span.start, span.end).matchAll(/\r?\n(?=([ \t]*)[^\s])/g)];
  if (lines.length === 0) return [];
  const inside = tokens(text, span.start + 1, span.end - 1);
  if (inside === null || !"{(".includes(text[span.start] ?? "") || hasTallString(text, inside)) return null;
  return lines.map((line) => {
    const at = span.start + line.index + line[0].length;
    return { span: { start: at, end: at }, text: style.unit };
  });
}

/** Whether a string among the tokens, or one in their brackets, goes over several lines. */
function hasTallString(text: string, inside: readonly Token[]): boolean {
  return inside.some((token) => {
    if (isOneLine(text, token)) return false;
    return token.kind !== "group" || /["']/.test(text.slice(token.start, token.end));
  });
}
