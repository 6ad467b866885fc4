import {
  type Attribute,
  allOf,
  attributesOf,
  attrsFrom,
  boolFrom,
  later,
  listFrom,
  textFrom,
  textsFrom,
  wholeFrom,
} from "./arguments";
import { update } from "./attrs";
import { compareText } from "./compare";
import { select } from "./select";
import {
  type AttrsTerm,
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
  tooMuch,
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
  mergeAttrs: { arity: 2, run: ([a, b], call) => both(a, b, (x, y) => update(x, y, call.run)) },
  mergeAttrsList: {
    arity: 1,
    run: ([from], call) => {
      const sets = allOf(wholeFrom(from), ({ value }) => attrsFrom(value));
      return (
        sets?.reduce<Term>((all, set) => (all.kind === "attrs" ? update(all, set, call.run) : all), attrs([])) ?? null
      );
    },
  },
  recursiveUpdate: { arity: 2, run: ([a, b], call) => both(a, b, (x, y) => recursiveUpdate(x, y, call)) },
  removeAttrs: {
    arity: 2,
    run: ([from, names]) => {
      const [term, dropped] = [attrsFrom(from), textsFrom(names)];
      if (term === null || dropped === null) return null;
      const kept = term.members.filter(({ path }) => path[0]?.name == null || !dropped.includes(path[0].name));
      return { ...attrs(kept, term.unknown), shared: term.shared };
    },
  },
  intersectAttrs: {
    arity: 2,
    run: ([a, b], call) => both(a, b, (x, y) => intersect(x, y, call)),
  },
  zipAttrsWith: { arity: 2, run: ([f, from], call) => zipped(f, from, call) },
};

/** One element for each attribute, by name. */
function listed(from: Thunk | undefined, call: Call, to: (attribute: Attribute) => Thunk): Term | null {
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

function both(
  a: Thunk | undefined,
  b: Thunk | undefined,
  of: (x: AttrsTerm, y: AttrsTerm) => Term | null,
): Term | null {
  const [x, y] = [attrsFrom(a), attrsFrom(b)];
  return x === null || y === null ? null : of(x, y);
}

function fromPairs(from: Thunk | undefined, call: Call): Term | null {
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

function recursiveUpdate(a: AttrsTerm, b: AttrsTerm, call: Call): Term | null {
  const [left, right] = [attributesOf(a, call), attributesOf(b, call)];
  if (left === null || right === null) return tooMuch;
  const others = new Map(right.known.map((attribute) => [attribute.name, attribute]));
  const names = new Set(left.known.map(({ name }) => name));
  const open = right.unknown.length > 0;
  const members = left.known.map(({ name, value, first, conditional: doubtful }) => {
    const other = others.get(name);
    if (other === undefined) return member(name, value, first.span, doubtful || open);
    const merged = delay(first.span, () => {
      const [x, y] = [force(value), force(other.value)];
      if (y.kind === "unknown" || x.kind === "unknown") return unknown("it is merged with what is not known");
      return (x.kind === "attrs" && y.kind === "attrs" ? recursiveUpdate(x, y, call) : y) ?? tooMuch;
    });
    return member(name, merged, first.span, doubtful || open || other.conditional);
  });
  const added = right.known.filter(({ name }) => !names.has(name));
  const rest = added.map(({ name, value, first, conditional: doubtful }) =>
    member(name, value, first.span, doubtful || open || left.unknown.length > 0),
  );
  return attrs([...members, ...rest], [...left.unknown, ...right.unknown]);
}

function intersect(a: AttrsTerm, b: AttrsTerm, call: Call): Term | null {
  const [left, right] = [attributesOf(a, call), attributesOf(b, call)];
  if (left === null || right === null || left.unknown.length > 0 || right.unknown.length > 0) return null;
  const kept = new Map(left.known.map(({ name, conditional: doubtful }) => [name, doubtful]));
  return attrs(
    right.known.flatMap(({ name, value, conditional: doubtful }) =>
      kept.has(name) ? [member(name, value, value.span, doubtful || kept.get(name) === true)] : [],
    ),
  );
}

function zipped(f: Thunk | undefined, from: Thunk | undefined, call: Call): Term | null {
  const sets = allOf(wholeFrom(from), ({ value }) => {
    const term = attrsFrom(value);
    const found = term === null ? null : attributesOf(term, call);
    return found === null || found.unknown.length > 0 ? null : found.known;
  });
  if (sets === null) return null;
  const values = new Map<string, Attribute[]>();
  for (const attribute of sets.flat()) {
    const same = values.get(attribute.name);
    if (same === undefined) values.set(attribute.name, [attribute]);
    else same.push(attribute);
  }
  const members = [...values].map(([name, same]) => {
    const all = list(same.map(({ value, conditional: doubtful }) => made(value, value.span, doubtful)));
    const value = later(f, [ready(string(name), call.at), ready(all, call.at)], call);
    return member(
      name,
      value,
      call.at,
      same.every(({ conditional: doubtful }) => doubtful),
    );
  });
  return attrs(members);
}
