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
  // A declaration that a name leads to is resolved as a whole.
  const own = contains(place.span, contribution.span) ? contribution.span : null;
  const entries: Entry[] = [];
  if (value.kind === "list") {
    for (const part of value.unknown) unknown.push({ span: part.span, reason: part.reason });
    for (const element of value.elements) {
      const entry = readEntry(place, scope, list, element, conditional, own);
      if (entry !== null) entries.push(entry);
      else unknown.push({ span: element.value.span, reason: reasonOf(element.value) });
    }
  } else unknown.push({ span: value.span, reason: reasonOf(value) });
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

function reasonOf(value: Value): string {
  return value.kind === "unknown" ? value.reason : "this is not an entry";
}

function readEntry(
  place: BlockPlace,
  scope: Scope,
  list: ListName,
  element: ListElement,
  conditional: boolean,
  own: Span | null,
): Entry | null {
  const kind: EntryKind = list === "directories" ? "directory" : "file";
  const { value } = element;
  const common = {
    kind,
    span: value.span,
    shared: element.shared === true,
    conditional: conditional || element.conditional,
  };
  const certainty = (path: StringValue): Entry["certainty"] => {
    const isWritten = own !== null && contains(own, value.span) && contains(value.span, path.span);
    return isWritten && path.certainty !== "resolved" ? "literal" : "resolved";
  };
  if (value.kind === "string") {
    const path = absolutePath(place, scope, value.text);
    return {
      ...common,
      written: value.text,
      path,
      pathSpan: value.span,
      certainty: certainty(value),
      form: "string",
      user: null,
      group: null,
      mode: null,
      settings: [],
    };
  }
  if (value.kind !== "attrs") return null;
  const settings = settingsOf(value);
  const named = settings.find((setting) => setting.name.name === kind)?.value;
  // Where another path may take the place of this one, none is known.
  const doubtful = value.bindings.some((binding) => binding.conditional && binding.path[0]?.name === kind);
  if (named?.kind !== "string" || doubtful) return null;
  return {
    ...common,
    written: named.text,
    path: absolutePath(place, scope, named.text),
    pathSpan: contains(value.span, named.span) ? named.span : value.span,
    certainty: certainty(named),
    form: "attrs",
    user: stringSetting(settings, "user"),
    group: stringSetting(settings, "group"),
    mode: stringSetting(settings, "mode"),
    settings: settings.filter((setting) => setting.name.name !== kind),
  };
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

function stringSetting(settings: readonly Setting[], name: string): string | null {
  const value = settings.find((setting) => setting.name.name === name)?.value;
  return value?.kind === "string" ? value.text : null;
}
