import type { AttrName, AttrsValue, ListElement, StringValue, Value } from "../nix/value";
import { contains, type Span } from "../syntax/span";
import type { BlockPlace, Contribution } from "./blocks";
import type { Entry, EntryKind, ListDeclaration, ListName, Scope, Setting } from "./model";
import { join, normalise } from "./paths";

/** Reads one `directories = …;` or `files = …;`. Elements that are not understood are unknown parts, never entries. */
export function readList(
  place: BlockPlace,
  storagePath: string | null,
  scope: Scope,
  name: AttrName,
  contribution: Contribution,
): ListDeclaration {
  const list: ListName = name.name === "files" ? "files" : "directories";
  const { value } = contribution;
  const conditional = place.conditional || contribution.conditional;
  const unknown: { span: Span; reason: string }[] = [];
  // A declaration that a name or a function leads to is resolved as a whole.
  const direct = contribution.shared !== true && contains(place.span, contribution.span);
  const own = direct ? contribution.span : null;
  const entries: Entry[] = [];
  if (value.kind === "list") {
    for (const part of value.unknown) unknown.push({ span: part.span, reason: part.reason });
    for (const element of value.elements) {
      const entry = readEntry(place, scope, list, element, conditional, own);
      if (entry !== null) entries.push(entry);
      else unknown.push({ span: element.value.span, reason: reasonOf(element.value, kindOf(list)) });
    }
  } else unknown.push({ span: value.span, reason: reasonOf(value, kindOf(list)) });
  return {
    module: place.module,
    storagePath,
    scope,
    list,
    span: contribution.span,
    nameSpan: name.span,
    value,
    literals: value.kind === "list" ? value.literals : [],
    entries,
    unknown,
    conditional,
  };
}

function kindOf(list: ListName): EntryKind {
  return list === "directories" ? "directory" : "file";
}

/** Why a value is no entry that is known; for a set, why its path is not. */
function reasonOf(value: Value, kind: EntryKind): string {
  if (value.kind === "unknown") return value.reason;
  if (value.kind !== "attrs") return "this is not an entry";
  const named = value.bindings.find((binding) => binding.path[0]?.name === kind);
  if (named?.value.kind === "unknown") return named.value.reason;
  if (named?.conditional === true) return value.unknown[0]?.reason ?? "it depends on a condition";
  return (named === undefined ? value.unknown[0]?.reason : undefined) ?? "this is not an entry";
}

function readEntry(
  place: BlockPlace,
  scope: Scope,
  list: ListName,
  element: ListElement,
  conditional: boolean,
  own: Span | null,
): Entry | null {
  const kind = kindOf(list);
  const { value, origin } = element;
  const { span } = value;
  const shared = element.shared === true;
  const doubtful = conditional || element.conditional;
  const certainty = (path: StringValue): Entry["certainty"] => {
    const isWritten = own !== null && contains(own, span) && contains(span, path.span);
    return isWritten && path.certainty !== "resolved" ? "literal" : "resolved";
  };
  if (value.kind === "string") {
    const entry: Entry = {
      kind,
      span,
      shared,
      conditional: doubtful,
      written: value.text,
      path: absolutePath(place, scope, value.text),
      pathSpan: span,
      certainty: certainty(value),
      form: "string",
      user: null,
      group: null,
      mode: null,
      settings: [],
    };
    return origin === undefined ? entry : { ...entry, origin };
  }
  if (value.kind !== "attrs") return null;
  const settings = settingsOf(value);
  const named = settings.find((setting) => setting.name.name === kind)?.value;
  // Where another path may take the place of this one, none is known.
  const isReplaced = value.bindings.some((binding) => binding.conditional && binding.path[0]?.name === kind);
  if (named?.kind !== "string" || isReplaced) return null;
  const entry: Entry = {
    kind,
    span,
    shared,
    conditional: doubtful,
    written: named.text,
    path: absolutePath(place, scope, named.text),
    pathSpan: contains(span, named.span) ? named.span : span,
    certainty: certainty(named),
    form: "attrs",
    user: stringSetting(value, "user"),
    group: stringSetting(value, "group"),
    mode: stringSetting(value, "mode"),
    settings: settings.filter((setting) => setting.name.name !== kind),
  };
  return origin === undefined ? entry : { ...entry, origin };
}

/** System paths count from `/` even when written without it; a user's paths are joined to the home directory. */
function absolutePath(place: BlockPlace, scope: Scope, written: string): string | null {
  if (scope.kind === "system") return normalise(`/${written}`);
  const home = place.homeOf(scope.user);
  return home === null ? null : join(home, written);
}

/** The options set in an attribute-set entry; dotted ones (`parentDirectory.mode = …`) count by their first name. */
export function settingsOf(value: AttrsValue): Setting[] {
  return value.bindings.flatMap((binding) => {
    const [name, ...rest] = binding.path;
    if (name === undefined) return [];
    return [settingAt(name, rest, binding.value, binding.span)];
  });
}

/** The setting that `name.rest = value;` makes. */
export function settingAt(name: AttrName, rest: readonly AttrName[], value: Value, span: Span): Setting {
  if (rest.length === 0) return { name, value, span };
  const whole: Value = { kind: "unknown", reason: "only a part of the option is set", span: value.span };
  return { name, value: whole, part: { path: rest, value }, span };
}

function stringSetting(set: AttrsValue, name: string): string | null {
  const given = set.bindings.find((binding) => binding.path.length === 1 && binding.path[0]?.name === name);
  return given?.value.kind === "string" && !given.conditional ? given.value.text : null;
}
