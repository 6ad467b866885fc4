import { type Attribute, allOf, attributesOf, attrsFrom, later, wholeFrom } from "./arguments";
import { update } from "./attrs";
import { isPartlyKnown, layered } from "./layers";
import {
  type AttrsTerm,
  attrs,
  type Builtin,
  type Call,
  deeper,
  delay,
  force,
  list,
  made,
  member,
  ready,
  string,
  type Term,
  type Thunk,
  tooMuch,
  unknown,
  unwrap,
} from "./terms";

/** `builtins` and `lib.attrsets`: functions that make one set of several. */
export const merges: Readonly<Record<string, Builtin>> = {
  mergeAttrs: {
    arity: 2,
    run: ([a, b], call) => (a === undefined || b === undefined ? null : updated(force(a), force(b), call)),
  },
  mergeAttrsList: {
    arity: 1,
    run: ([from], call) => {
      const sets = allOf(wholeFrom(from), ({ value }) => attrsFrom(value));
      return (
        sets?.reduce<Term>((all, set) => (all.kind === "attrs" ? update(all, set, call.run) : all), attrs([])) ?? null
      );
    },
  },
  recursiveUpdate: {
    arity: 2,
    run: ([a, b], call) => (a === undefined || b === undefined ? null : updatedBelow(force(a), force(b), call)),
  },
  intersectAttrs: {
    arity: 2,
    run: ([a, b], call) => both(a, b, (x, y) => intersect(x, y, call)),
  },
  zipAttrsWith: { arity: 2, run: ([f, from], call) => zipped(f, from, call) },
};

function both(
  a: Thunk | undefined,
  b: Thunk | undefined,
  of: (x: AttrsTerm, y: AttrsTerm) => Term | null,
): Term | null {
  const [x, y] = [attrsFrom(a), attrsFrom(b)];
  return x === null || y === null ? null : of(x, y);
}

/** `a // b` */
export function updated(a: Term, b: Term, { run }: Call): Term | null {
  if (isPartlyKnown(a) || isPartlyKnown(b)) return layered(b, a, run);
  const [x, y] = [unwrap(a), unwrap(b)];
  return x.kind === "attrs" && y.kind === "attrs" ? update(x, y, run) : null;
}

/** `recursiveUpdate a b`, also where not all of the sets is known. */
function updatedBelow(a: Term, b: Term, call: Call): Term | null {
  const join = (x: Term, y: Term): Term => {
    if (x.kind === "unknown" || y.kind === "unknown") return unknown("it is merged with what is not known");
    return isAnySet(x) && isAnySet(y) ? (updatedBelow(x, y, call) ?? tooMuch) : y;
  };
  if (isPartlyKnown(a) || isPartlyKnown(b)) return deeper(call.run, () => layered(b, a, call.run, join), unknown);
  const [x, y] = [unwrap(a), unwrap(b)];
  return x.kind === "attrs" && y.kind === "attrs" ? recursiveUpdate(x, y, call) : null;
}

function isAnySet({ kind }: Term): boolean {
  return kind === "attrs" || kind === "open" || kind === "library";
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
      return (isAnySet(x) && isAnySet(y) ? updatedBelow(x, y, call) : y) ?? tooMuch;
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
