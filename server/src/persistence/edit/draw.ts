import type { Span, TextEdit } from "../../syntax/span";
import { bindingsOf, setsAround } from "./bindings";
import { editBody } from "./bodyEdit";
import type { Destination } from "./choose";
import { editLiteral } from "./listEdit";
import type { NewList } from "./newBindings";
import { newList } from "./newList";
import type { EditFile } from "./storages";
import { indentAt, isOneLine, type Page, styleOf } from "./style";
import type { Wanted } from "./wanted";

/** A target with the place chosen for it. */
export interface Chosen {
  readonly wanted: Wanted;
  readonly destination: Destination;
}

/** The edits of one file for all targets that go to it, in the order of the text, none overlapping. */
export function drawEdits(file: EditFile, chosen: readonly Chosen[]): TextEdit[] {
  const groups = groupsOf(chosen);
  const flat: Page = { text: file.text, style: styleOf(file), broken: [] };
  const broken = setsToBreak(flat, groups);
  const page: Page = { ...flat, broken };
  const edits = groups.map((group) => groupEdits(page, group));
  const touched = new Set(groups.map((group) => bodyOf(group)?.braces.start));
  for (const braces of broken) {
    const bindings = touched.has(braces.start) ? null : bindingsOf(file.text, braces);
    if (bindings !== null) edits.push(editBody(page, { braces, bindings }, []));
  }
  return edits.flat().sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** What goes to one list, or to one set as new lists. */
type Group = readonly [Chosen, ...Chosen[]];

function groupsOf(chosen: readonly Chosen[]): Group[] {
  const groups = new Map<string, [Chosen, ...Chosen[]]>();
  for (const one of chosen) {
    const key = `${one.destination.kind} ${targetOf(one.destination).start}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** The text a destination changes: the list, or the set that gets new lists. */
function targetOf(destination: Destination): Span {
  if (destination.kind === "literal") return destination.literal;
  return destination.kind === "append" ? destination.list.span : destination.slot.braces;
}

function bodyOf([{ destination }]: Group): { readonly braces: Span } | null {
  return destination.kind === "create" ? destination.slot : null;
}

/** The one-line sets that must become several lines, because something inside them does. */
function setsToBreak(page: Page, groups: readonly Group[]): Span[] {
  const found = new Map<number, Span>();
  for (const group of groups) {
    if (!groupEdits(page, group).some((edit) => /[\n\r]/.test(edit.text))) continue;
    const body = bodyOf(group)?.braces;
    const around = setsAround(page.text, targetOf(group[0].destination));
    for (const set of body === undefined ? around : [...around, body])
      if (isOneLine(page.text, set) && bindingsOf(page.text, set) !== null) found.set(set.start, set);
  }
  return [...found.values()];
}

function groupEdits(page: Page, group: Group): TextEdit[] {
  const [{ destination }] = group;
  const wanted = group.map((one) => one.wanted);
  switch (destination.kind) {
    case "literal":
      return editLiteral(page, destination.list, destination.literal, wanted);
    case "append": {
      const { list } = destination;
      const at = list.value.span.end;
      const head = `${page.text.slice(list.span.start, at)} ++ `;
      const value = newList(wanted, list.module, page.style, head, indentAt(page, list.span.start));
      return [{ span: { start: at, end: at }, text: ` ++ ${value}` }];
    }
    case "create":
      return editBody(page, destination.slot, newLists(group));
  }
}

/** Wanted entries gathered into the lists they create together. */
function newLists(group: Group): NewList[] {
  const lists = new Map<string, NewList & { readonly wanted: Wanted[] }>();
  for (const { wanted, destination } of group) {
    if (destination.kind !== "create") continue;
    const { slot, module } = destination;
    const key = slot.path.join(".");
    const known = lists.get(key);
    if (known === undefined) lists.set(key, { slot, module, wanted: [wanted] });
    else known.wanted.push(wanted);
  }
  return [...lists.values()];
}
