import { apply } from "./apply";
import { boolFrom, integerFrom, later, listFrom, textFrom, wholeFrom } from "./arguments";
import { compare, equal } from "./compare";
import {
  attrs,
  type Builtin,
  type Call,
  type Element,
  elementsOf,
  force,
  integer,
  type ListTerm,
  list,
  made,
  member,
  ready,
  spend,
  type Term,
  type Thunk,
  underCondition,
} from "./terms";
import type { UnknownValue } from "./value";

/** `builtins` and `lib.lists`: functions that sort, pair, divide and search lists. */
export const groups: Readonly<Record<string, Builtin>> = {
  partition: { arity: 2, run: ([f, from], call) => partitioned(f, listFrom(from), call) },
  groupBy: { arity: 2, run: ([f, from], call) => grouped(f, listFrom(from), call) },
  sort: {
    arity: 2,
    run: ([before, from], call) =>
      sorted(wholeFrom(from), call, (a, b) => boolFrom(later(before, [a.value, b.value], call))),
  },
  sortOn: {
    arity: 2,
    run: ([key, from], call) => {
      const elements = wholeFrom(from);
      if (elements === null || !spend(call.run, elements.length)) return null;
      const keys = new Map(elements.map((element) => [element, force(later(key, [element.value], call))]));
      return sorted(elements, call, (a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        const order = x === undefined || y === undefined ? null : compare(x, y);
        return order === null ? null : order < 0;
      });
    },
  },
  zipLists: {
    arity: 2,
    run: ([a, b], call) =>
      zipped(a, b, call, (x, y) => ready(attrs([member("fst", x, call.at), member("snd", y, call.at)]), call.at)),
  },
  zipListsWith: { arity: 3, run: ([f, a, b], call) => zipped(a, b, call, (x, y) => later(f, [x, y], call)) },
  findFirst: {
    arity: 3,
    run: ([f, otherwise, from], call) => {
      const found = first(f, from, call);
      if (found === null || otherwise === undefined) return null;
      return force(found.element?.value ?? otherwise);
    },
  },
  findFirstIndex: {
    arity: 3,
    run: ([f, otherwise, from], call) => {
      const found = first(f, from, call);
      if (found === null || otherwise === undefined) return null;
      return found.element === null ? force(otherwise) : integer(found.index);
    },
  },
  findSingle: {
    arity: 4,
    run: ([f, none, several, from], call) => {
      const answers = wholeFrom(from)?.map(({ value }) => ({ value, is: boolFrom(later(f, [value], call)) }));
      if (answers === undefined || answers.some(({ is }) => is === null)) return null;
      const [one, other] = answers.filter(({ is }) => is === true);
      const result = one === undefined ? none : other === undefined ? one.value : several;
      return result === undefined ? null : force(result);
    },
  },
  count: {
    arity: 2,
    run: ([f, from], call) => {
      const answers = wholeFrom(from)?.map(({ value }) => boolFrom(later(f, [value], call)));
      if (answers === undefined || answers.includes(null)) return null;
      return integer(answers.filter((is) => is === true).length);
    },
  },
  intersectLists: {
    arity: 2,
    run: ([other, from], call) => kept(from, call, (value) => isIn(other, value, call)),
  },
  mutuallyExclusive: {
    arity: 2,
    run: ([a, b], call) => {
      const answers = wholeFrom(a)?.map(({ value }) => isIn(b, value, call));
      if (answers === undefined || answers.includes(null)) return null;
      return { kind: "bool", value: !answers.includes(true) };
    },
  },
  ifilter0: {
    arity: 2,
    run: ([f, from], call) => {
      const elements = wholeFrom(from);
      if (elements === null || !spend(call.run, elements.length)) return null;
      const filtered = elements.flatMap((element, index) => {
        const number = ready({ kind: "integer", text: `${index}`, value: index }, call.at);
        const is = boolFrom(later(f, [number, element.value], call));
        return is === false ? [] : [is === null ? underCondition(element) : element];
      });
      return list(filtered);
    },
  },
  sublist: {
    arity: 3,
    run: ([start, count, from]) => {
      const [at, size, elements] = [integerFrom(start), integerFrom(count), wholeFrom(from)];
      return at === null || size === null || elements === null || at < 0 || size < 0
        ? null
        : list(elements.slice(at, at + size));
    },
  },
  replicate: {
    arity: 2,
    run: ([count, value], call) => {
      const size = integerFrom(count);
      if (size === null || value === undefined || !spend(call.run, size)) return null;
      return list(Array.from({ length: Math.max(0, size) }, () => made(value, call.at)));
    },
  },
};

function partitioned(f: Thunk | undefined, from: ListTerm | null, call: Call): Term | null {
  if (from === null || !spend(call.run, from.elements.length)) return null;
  const right: Element[] = [];
  const wrong: Element[] = [];
  for (const element of elementsOf(from)) {
    const is = boolFrom(later(f, [element.value], call));
    if (is !== false) right.push(is === null ? underCondition(element) : element);
    if (is !== true) wrong.push(is === null ? underCondition(element) : element);
  }
  const part = (name: string, elements: readonly Element[]) =>
    member(name, ready(list(elements, from.unknown), call.at), call.at);
  return attrs([part("right", right), part("wrong", wrong)]);
}

function grouped(f: Thunk | undefined, from: ListTerm | null, call: Call): Term | null {
  if (from === null || !spend(call.run, from.elements.length)) return null;
  const groupsByName = new Map<string, Element[]>();
  const unknowns: UnknownValue[] = [...from.unknown];
  for (const element of elementsOf(from)) {
    const name = textFrom(later(f, [element.value], call));
    const same = name === null ? undefined : groupsByName.get(name);
    if (name === null)
      unknowns.push({ kind: "unknown", reason: "the name of a group is computed", span: element.span });
    else if (same === undefined) groupsByName.set(name, [element]);
    else same.push(element);
  }
  const members = [...groupsByName].map(([name, elements]) =>
    member(
      name,
      ready(list(elements, unknowns), call.at),
      call.at,
      elements.every(({ conditional }) => conditional),
    ),
  );
  return attrs(members, unknowns);
}

/** Sorted as Nix does, equal ones in the order they had; null where the order of two is not known. */
function sorted(
  elements: readonly Element[] | null,
  call: Call,
  before: (a: Element, b: Element) => boolean | null,
): Term | null {
  if (elements === null || !spend(call.run, elements.length)) return null;
  let known = true;
  const inOrder = [...elements].sort((a, b) => {
    if (!known) return 0;
    const less = before(a, b);
    const more = less === false ? before(b, a) : false;
    if (less === null || more === null) known = false;
    return less === true ? -1 : more === true ? 1 : 0;
  });
  return known ? list(inOrder) : null;
}

function zipped(
  a: Thunk | undefined,
  b: Thunk | undefined,
  call: Call,
  of: (x: Thunk, y: Thunk) => Thunk,
): Term | null {
  const [left, right] = [wholeFrom(a), wholeFrom(b)];
  if (left === null || right === null || !spend(call.run, left.length)) return null;
  return list(
    left.flatMap(({ value, span }, index) => {
      const other = right[index];
      return other === undefined ? [] : [made(of(value, other.value), span)];
    }),
  );
}

/** The first element that passes; null where that is not known. */
function first(
  f: Thunk | undefined,
  from: Thunk | undefined,
  call: Call,
): { element: Element | null; index: number } | null {
  const elements = wholeFrom(from);
  if (elements === null) return null;
  for (const [index, element] of elements.entries()) {
    const is = f === undefined ? null : apply(f, [element.value], call);
    if (is?.kind !== "bool") return null;
    if (is.value) return { element, index };
  }
  return { element: null, index: -1 };
}

function kept(from: Thunk | undefined, call: Call, keep: (value: Thunk) => boolean | null): Term | null {
  const term = listFrom(from);
  if (term === null || !spend(call.run, term.elements.length)) return null;
  const elements = elementsOf(term).flatMap((element) => {
    const is = keep(element.value);
    return is === false ? [] : [is === null ? underCondition(element) : element];
  });
  return list(elements, term.unknown);
}

function isIn(from: Thunk | undefined, what: Thunk, call: Call): boolean | null {
  const elements = wholeFrom(from);
  if (elements === null) return null;
  const answers = elements.map(({ value }) => equal(force(value), force(what), call.run));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}
