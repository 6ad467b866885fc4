import {
  type Attribute,
  attributesOf,
  attrsFrom,
  boolFrom,
  later,
  listFrom,
  textFrom,
  textsFrom,
  wholeFrom,
} from "./arguments";
import { compareText } from "./compare";
import { select } from "./select";
import {
  attrs,
  type Builtin,
  bool,
  type Call,
  conditional,
  delay,
  force,
  list,
  type Member,
  made,
  member,
  ready,
  spend,
  string,
  type Term,
  type Thunk,
  unknown,
  unwrap,
} from "./terms";

/** `builtins` and `lib.attrsets`: functions over sets. */
export const attributes: Readonly<Record<string, Builtin>> = {
  attrNames: { arity: 1, run: ([from], call) => listed(from, call, ({ name }) => ready(string(name), call.at)) },
  attrValues: { arity: 1, run: ([from], call) => listed(from, call, ({ value }) => value) },
  mapAttrsToList: {
    arity: 2,
    run: ([f, from], call) =>
      listed(from, call, ({ name, value }) => later(f, [ready(string(name), call.at), value], call)),
  },
  mapAttrs: {
    arity: 2,
    run: ([f, from], call) => {
      const term = attrsFrom(from);
      const found = term === null ? null : attributesOf(term, call);
      if (found === null) return null;
      const members = found.known.map(({ name, value, first, conditional: doubtful }): Member => {
        const result = later(f, [ready(string(name), call.at), value], call, value.span);
        return { path: first.path.slice(0, 1), value: result, span: first.span, conditional: doubtful, shared: true };
      });
      return attrs(members, found.unknown);
    },
  },
  filterAttrs: {
    arity: 2,
    run: ([f, from], call) => {
      const term = attrsFrom(from);
      const found = term === null ? null : attributesOf(term, call);
      if (found === null) return null;
      const members = found.known.flatMap(({ name, value, conditional: doubtful }) => {
        const keep = boolFrom(later(f, [ready(string(name), call.at), value], call));
        return keep === false ? [] : [member(name, value, value.span, doubtful || keep === null)];
      });
      return attrs(members, found.unknown);
    },
  },
  genAttrs: {
    arity: 2,
    run: ([names, f], call) => {
      const term = listFrom(names);
      if (term === null || !spend(call.run, term.elements.length)) return null;
      const unknowns = [...term.unknown];
      const members = term.elements.flatMap((element) => {
        const name = textFrom(element.value);
        if (name === null)
          unknowns.push({ kind: "unknown", reason: "the name of an attribute is computed", span: element.span });
        return name === null ? [] : [member(name, later(f, [element.value], call), element.span, element.conditional)];
      });
      return attrs(members, unknowns);
    },
  },
  listToAttrs: { arity: 1, run: ([from], call) => fromPairs(from, call) },
  nameValuePair: {
    arity: 2,
    run: ([name, value], { at }) =>
      name === undefined || value === undefined ? null : attrs([member("name", name, at), member("value", value, at)]),
  },
  attrByPath: {
    arity: 3,
    run: ([path, otherwise, from], call) => {
      const found = atPath(path, from, call);
      return found === null && otherwise !== undefined ? force(otherwise) : found;
    },
  },
  hasAttrByPath: { arity: 2, run: ([path, from], call) => presence(atPath(path, from, call)) },
  getAttrFromPath: { arity: 2, run: ([path, from], call) => atPath(path, from, call) },
  hasAttr: { arity: 2, run: ([name, from], call) => presence(named(name, from, call)) },
  getAttr: { arity: 2, run: ([name, from], call) => named(name, from, call) },
  catAttrs: {
    arity: 2,
    run: ([name, from], call) => {
      const elements = wholeFrom(from);
      const found = elements?.map((element) => ({ element, term: named(name, element.value, call) })) ?? [];
      if (elements === null || found.some(({ term }) => term?.kind === "unknown")) return null;
      return list(found.flatMap(({ element, term }) => (term === null ? [] : [made(term, element.span)])));
    },
  },
  optionalAttrs: {
    arity: 2,
    run: ([condition, from]) => {
      const known = boolFrom(condition);
      if (known === false) return attrs([]);
      const term = from === undefined ? null : unwrap(force(from));
      return known === null && term !== null ? conditional(term) : term;
    },
  },
  removeAttrs: {
    arity: 2,
    run: ([from, names]) => {
      const [term, dropped] = [attrsFrom(from), textsFrom(names)];
      if (term === null || dropped === null) return null;
      const kept = term.members.filter(({ path }) => path[0]?.name == null || !dropped.includes(path[0].name));
      return { ...attrs(kept, term.unknown), shared: term.shared };
    },
  },
};

/** One element for each attribute, by name. */
export function listed(from: Thunk | undefined, call: Call, to: (attribute: Attribute) => Thunk): Term | null {
  const term = attrsFrom(from);
  const found = term === null ? null : attributesOf(term, call);
  if (found === null) return null;
  const sorted = [...found.known].sort((a, b) => compareText(a.name, b.name));
  return list(
    sorted.map((attribute) => made(to(attribute), attribute.value.span, attribute.conditional)),
    found.unknown,
  );
}

function named(name: Thunk | undefined, from: Thunk | undefined, call: Call): Term | null {
  const text = textFrom(name);
  const term = from === undefined ? null : force(from);
  return text === null || term === null
    ? unknown("the name of the attribute is computed")
    : select(term, text, call.run);
}

/** Null where there is surely nothing. */
function atPath(path: Thunk | undefined, from: Thunk | undefined, call: Call): Term | null {
  const names = textsFrom(path);
  if (names === null || from === undefined) return unknown("the path of the attribute is computed");
  let term = force(from);
  for (const name of names) {
    if (term.kind === "string" || term.kind === "integer" || term.kind === "bool" || term.kind === "null") return null;
    if (term.kind === "list" || term.kind === "path") return null;
    const next = select(term, name, call.run);
    if (next === null) return null;
    term = next;
  }
  return term;
}

/** An attribute whose value is not known may be there or not. */
function presence(found: Term | null): Term | null {
  if (found === null) return bool(false);
  return found.kind === "unknown" ? null : bool(true);
}

/** The set of `{ name = …; value = …; }` pairs. */
export function fromPairs(from: Thunk | undefined, call: Call): Term | null {
  const term = listFrom(from);
  if (term === null || !spend(call.run, term.elements.length)) return null;
  const seen = new Set<string>();
  const members: Member[] = [];
  const unknowns = [...term.unknown];
  for (const element of term.elements) {
    const pair = force(element.value);
    const name = select(pair, "name", call.run);
    if (name?.kind !== "string") {
      unknowns.push({ kind: "unknown", reason: "the name of an attribute is computed", span: element.span });
      continue;
    }
    if (seen.has(name.text)) continue;
    if (!element.conditional) seen.add(name.text);
    const missing = unknown("the pair has no value");
    const value = delay(element.span, () => select(pair, "value", call.run) ?? missing);
    // Of two of one name the first wins, and one that is not known may come first.
    const doubtful =
      element.conditional || unknowns.length > 0 || members.some(({ path }) => path[0]?.name === name.text);
    members.push(member(name.text, value, element.span, doubtful));
  }
  return attrs(members, unknowns);
}
