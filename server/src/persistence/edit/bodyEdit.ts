import type { TextEdit } from "../../syntax/span";
import type { BodySlot } from "./bodySlot";
import { type NewList, newBindings } from "./newBindings";
import { columns, indentAt, isOneLine, lineColumns, lineIndent, lineStart, lineTail, type Page, widest } from "./style";

/** The set that bindings are added to. */
export type Body = Pick<BodySlot, "braces" | "bindings">;

/** Adds lists to one set; all `lists` must go to it. A one-line set among the page's broken ones is broken even when nothing is added. */
export function editBody(page: Page, body: Body, lists: readonly NewList[]): TextEdit[] {
  const { text, style, broken } = page;
  const { braces, bindings } = body;
  const places = byPlace(lists);
  if (!isOneLine(text, braces)) return places.map((place) => addLines(page, body, place));
  if (broken.some((set) => set.start === braces.start)) return breakUp(page, body, places);
  const indent = indentAt(page, braces.start);
  const inline = places.map(({ after, lists: own }) => ({ after, text: newBindings(own, style, indent).join(" ") }));
  const longer = inline.reduce((sum, place) => sum + columns(place.text) + 1, 0);
  const fits = bindings.length > 0 && lineColumns(text, braces.start) + longer <= widest;
  if (!fits || inline.some((place) => /[\n\r]/.test(place.text))) return breakUp(page, body, places);
  return inline.map((place) => {
    const at = bindings[place.after]?.span.end ?? braces.start + 1;
    return { span: { start: at, end: at }, text: ` ${place.text}` };
  });
}

interface Place {
  readonly after: number;
  readonly lists: readonly NewList[];
}

function byPlace(lists: readonly NewList[]): Place[] {
  const places = [...new Set(lists.map((list) => list.slot.after))];
  return places.map((after) => ({ after, lists: lists.filter((list) => list.slot.after === after) }));
}

/** New bindings in a set that stands on several lines. */
function addLines(page: Page, { braces, bindings }: Body, place: Place): TextEdit {
  const { text, style } = page;
  const outer = indentAt(page, braces.start);
  const previous = bindings[place.after];
  const neighbour = previous ?? bindings[0];
  const indent = (neighbour === undefined ? null : ownIndent(text, neighbour.span.start)) ?? outer + style.unit;
  const blank = wantsBlankLine(text, bindings, place) ? style.eol : "";
  const added = newBindings(place.lists, style, indent).join(style.eol + blank + indent);
  const at = lineTail(text, previous?.span.end ?? braces.start + 1, braces.end - 1);
  const line = style.eol + indent + added;
  const leading = previous === undefined ? line + (bindings.length > 0 ? blank : "") : blank + line;
  const rest = text.slice(at, braces.end - 1);
  // The closing brace on the same line needs a line of its own now.
  if (/^[ \t]*$/.test(rest)) return { span: { start: at, end: at + rest.length }, text: leading + style.eol + outer };
  return { span: { start: at, end: at }, text: leading };
}

/** The indentation of the thing at `at`, where it begins its line. */
function ownIndent(text: string, at: number): string | null {
  const indent = lineIndent(text, at);
  return lineStart(text, at) + indent.length === at ? indent : null;
}

/** Bindings are set off by blank lines where their neighbours are; where no neighbours tell, only a whole new block is. */
function wantsBlankLine(text: string, bindings: Body["bindings"], { after, lists }: Place): boolean {
  const gap = (index: number): boolean[] => {
    const [a, b] = [bindings[index], bindings[index + 1]];
    return a === undefined || b === undefined ? [] : [/\n[ \t\r]*\n/.test(text.slice(a.span.end, b.span.start))];
  };
  const near = [...gap(after), ...gap(after - 1)];
  if (near.length > 0) return near.includes(true);
  return (
    bindings.length > 0 && lists.some(({ slot }) => !slot.dotted && slot.path.length > 2 && slot.path[0] !== "users")
  );
}

/** A set on one line that is to have several: one binding per line. Only blanks are replaced. */
function breakUp(page: Page, { braces, bindings }: Body, places: readonly Place[]): TextEdit[] {
  const { text, style } = page;
  const outer = indentAt(page, braces.start);
  const indent = outer + style.unit;
  const ends = [braces.start + 1, ...bindings.map((binding) => binding.span.end)];
  return ends.map((from, index) => {
    const to = bindings[index]?.span.start ?? braces.end - 1;
    const gap = text.slice(from, to);
    const added = places
      .filter((place) => place.after === index - 1)
      .flatMap((place) => newBindings(place.lists, style, indent))
      .map((line) => style.eol + indent + line);
    const last = index === bindings.length;
    const line = added.join("") + style.eol + (last ? outer : indent);
    // A comment in the gap stays where it is.
    return { span: { start: from + gap.trimEnd().length, end: to }, text: line };
  });
}
