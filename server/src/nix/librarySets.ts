import { apply } from "./apply";
import { type Attribute, attributesOf, attrsFrom, boolFrom, later, listFrom, textsFrom } from "./arguments";
import { compareText } from "./compare";
import { fromPairs, listed } from "./libraryAttrs";
import { updated } from "./libraryMerges";
import { select } from "./select";
import {
  attrs,
  type Builtin,
  type Call,
  conditional,
  deeper,
  delay,
  force,
  list,
  type Member,
  made,
  member,
  ready,
  settled,
  spend,
  string,
  type Term,
  type Thunk,
  tooMuch,
  unknown,
  unknownPart,
} from "./terms";

/** `lib.attrsets`: functions that make other names, other sets or lists of all that a set holds. */
export const sets: Readonly<Record<string, Builtin>> = {
  "mapAttrs'": {
    arity: 2,
    run: ([f, from], call) => {
      const pairs = listed(from, call, ({ name, value }) => later(f, [ready(string(name), call.at), value], call));
      return pairs === null ? null : fromPairs(ready(pairs, call.at), call);
    },
  },
  "genAttrs'": {
    arity: 2,
    run: ([from, f], call) => {
      const term = listFrom(from);
      if (term === null || !spend(call.run, term.elements.length)) return null;
      const pairs = term.elements.map((one) => made(later(f, [one.value], call), one.span, one.conditional));
      return fromPairs(ready(list(pairs, term.unknown), call.at), call);
    },
  },
  attrsToList: {
    arity: 1,
    run: ([from], call) =>
      listed(from, call, ({ name, value }) => {
        const { at } = call;
        return ready(attrs([member("name", ready(string(name), at), at), member("value", value, at)]), at);
      }),
  },
  attrVals: {
    arity: 2,
    run: ([names, from], call) => {
      const [texts, term] = [textsFrom(names), from === undefined ? null : force(from)];
      if (texts === null || term === null || !spend(call.run, texts.length)) return null;
      const missing = unknown("it is not there");
      return list(texts.map((name) => made(select(term, name, call.run) ?? missing, call.at)));
    },
  },
  getAttrs: {
    arity: 2,
    run: ([names, from], call) => {
      const [texts, term] = [textsFrom(names), from === undefined ? null : force(from)];
      if (texts === null || term === null || !spend(call.run, texts.length)) return null;
      const value = (name: string) => delay(call.at, () => select(term, name, call.run) ?? unknown("it is not there"));
      return attrs(texts.map((name) => member(name, value(name), call.at)));
    },
  },
  concatMapAttrs: {
    arity: 2,
    run: ([f, from], call) => {
      const term = attrsFrom(from);
      const found = term === null ? null : attributesOf(term, call);
      if (found === null) return null;
      let all: Term | null = attrs([]);
      for (const { name, value, conditional: doubtful } of byName(found.known)) {
        const made_ = setOr(apply(f ?? value, [ready(string(name), call.at), value], call), call);
        all = updated(all, doubtful ? conditional(made_) : made_, call);
        if (all === null) return null;
      }
      return found.unknown.length === 0 ? all : updated(all, attrs([], found.unknown), call);
    },
  },
  foldlAttrs: {
    arity: 3,
    run: ([f, start, from], call) => {
      const found = sure(from, call);
      if (found === null || f === undefined || start === undefined) return null;
      return found.reduce(
        (all, { name, value }) =>
          all.kind === "unknown" ? all : apply(f, [ready(all, call.at), ready(string(name), call.at), value], call),
        force(start),
      );
    },
  },
  mapAttrsRecursive: { arity: 2, run: ([f, from], call) => mappedBelow(null, f, [], from, call) },
  mapAttrsRecursiveCond: {
    arity: 3,
    run: ([goOn, f, from], call) => (goOn === undefined ? null : mappedBelow(goOn, f, [], from, call)),
  },
  filterAttrsRecursive: { arity: 2, run: ([f, from], call) => filteredBelow(f, from, call) },
  collect: { arity: 2, run: ([f, from], call) => (from === undefined ? null : collected(f, from, call)) },
};

function byName(known: readonly Attribute[]): Attribute[] {
  return [...known].sort((a, b) => compareText(a.name, b.name));
}

/** The attributes by name where all are known and there for sure. */
function sure(from: Thunk | undefined, call: Call): Attribute[] | null {
  const term = attrsFrom(from);
  const found = term === null ? null : attributesOf(term, call);
  if (found === null || found.unknown.length > 0 || found.known.some((one) => one.conditional)) return null;
  return byName(found.known);
}

/** The set, or one of which nothing is known. */
function setOr(term: Term, { at }: Call): Term {
  if (term.kind !== "unknown") return term;
  return attrs([], [unknownPart(term, at)]);
}

function mappedBelow(
  goOn: Thunk | null,
  f: Thunk | undefined,
  path: readonly string[],
  from: Thunk | undefined,
  call: Call,
): Term | null {
  const term = attrsFrom(from);
  const found = term === null ? null : attributesOf(term, call);
  if (found === null) return null;
  const members = found.known.map(({ name, value, first, conditional: doubtful }): Member => {
    const below = [...path, name];
    const names = ready(list(below.map((one) => made(string(one), call.at))), call.at);
    const result = delay(value.span, () => {
      const inner = isSet(value);
      const deep = inner === true && goOn !== null ? boolFrom(later(goOn, [value], call)) : inner;
      if (deep === null) return unknown("whether it is a set is not known");
      if (!deep) return force(later(f, [names, value], call));
      return deeper(call.run, () => mappedBelow(goOn, f, below, value, call) ?? tooMuch, unknown);
    });
    return member(name, result, first.span, doubtful);
  });
  return attrs(members, found.unknown);
}

function isSet(value: Thunk): boolean | null {
  const { kind } = settled(force(value));
  if (kind === "attrs" || kind === "open") return true;
  return kind === "unknown" || kind === "maybe" || kind === "absent" ? null : false;
}

function filteredBelow(f: Thunk | undefined, from: Thunk | undefined, call: Call): Term | null {
  const term = attrsFrom(from);
  const found = term === null ? null : attributesOf(term, call);
  if (found === null) return null;
  const members = found.known.flatMap(({ name, value, first, conditional: doubtful }) => {
    const keep = boolFrom(later(f, [ready(string(name), call.at), value], call));
    if (keep === false) return [];
    const inner = delay(value.span, () => {
      const nested = isSet(value);
      if (nested === null) return unknown("whether it is a set is not known");
      if (!nested) return force(value);
      return deeper(call.run, () => filteredBelow(f, value, call) ?? tooMuch, unknown);
    });
    return [member(name, inner, first.span, doubtful || keep === null)];
  });
  return attrs(members, found.unknown);
}

/** All that `f` wants of a set and those in it, from the outside in. */
function collected(f: Thunk | undefined, from: Thunk, call: Call): Term | null {
  const wanted = boolFrom(later(f, [from], call));
  if (wanted === true) return list([made(from, from.span)]);
  const nested = wanted === false ? isSet(from) : null;
  if (nested === null) return null;
  const found = nested ? sure(from, call) : [];
  if (found === null) return null;
  const all = [];
  for (const { value } of found) {
    const part = deeper(call.run, () => collected(f, value, call) ?? tooMuch, unknown);
    if (part.kind !== "list") return null;
    if (!spend(call.run, part.elements.length)) return null;
    for (const one of part.elements) all.push(one);
  }
  return list(all);
}
