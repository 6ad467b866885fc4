import { apply } from "./apply";
import { boolFrom, integerFrom, later, listFrom, wholeFrom } from "./arguments";
import { concatenate, type Part } from "./lists";
import {
  type Builtin,
  type Call,
  conditional,
  type Element,
  elementsOf,
  force,
  forceRaw,
  integer,
  type ListTerm,
  list,
  literalsOf,
  made,
  ready,
  spend,
  type Term,
  type Thunk,
  tooMuch,
  unknownPart,
  unwrap,
} from "./terms";

/** `builtins` and `lib.lists`: functions over lists. */
export const lists: Readonly<Record<string, Builtin>> = {
  map: {
    arity: 2,
    run: ([f, from], call) => mapped(listFrom(from), (element) => later(f, [element.value], call), call),
  },
  forEach: {
    arity: 2,
    run: ([from, f], call) => mapped(listFrom(from), (element) => later(f, [element.value], call), call),
  },
  imap0: { arity: 2, run: ([f, from], call) => indexed(f, from, 0, call) },
  imap: { arity: 2, run: ([f, from], call) => indexed(f, from, 1, call) },
  imap1: { arity: 2, run: ([f, from], call) => indexed(f, from, 1, call) },
  concatLists: { arity: 1, run: ([from], call) => joined(listFrom(from), call) },
  concatMap: {
    arity: 2,
    run: ([f, from], call) => {
      const results = mapped(listFrom(from), (element) => later(f, [element.value], call), call);
      return results?.kind === "list" ? joined(results, call) : results;
    },
  },
  flatten: { arity: 1, run: ([from], call) => flattened(from, call) },
  optional: {
    arity: 2,
    run: ([condition, value], { at }) => {
      if (value === undefined) return null;
      const known = boolFrom(condition);
      return known === false ? list([]) : list([made(value, value.span.end > 0 ? value.span : at, known === null)]);
    },
  },
  optionals: {
    arity: 2,
    run: ([condition, from]) => {
      const known = boolFrom(condition);
      if (known === false) return list([]);
      const term = from === undefined ? null : unwrap(force(from));
      return known === null && term !== null ? conditional(term) : term;
    },
  },
  singleton: { arity: 1, run: ([value]) => (value === undefined ? null : list([made(value, value.span)])) },
  toList: {
    arity: 1,
    run: ([value]) => {
      const term = value === undefined ? null : force(value);
      if (value === undefined || term === null || term.kind === "unknown" || term.kind === "maybe") return null;
      return term.kind === "list" ? term : list([made(value, value.span)]);
    },
  },
  head: { arity: 1, run: ([from]) => at(wholeFrom(from), 0) },
  last: { arity: 1, run: ([from]) => at(wholeFrom(from), -1) },
  elemAt: {
    arity: 2,
    run: ([from, index]) => {
      const position = integerFrom(index);
      return position === null || position < 0 ? null : at(wholeFrom(from), position);
    },
  },
  tail: { arity: 1, run: ([from], call) => cut(from, call, (size) => (size === 0 ? null : [1, size])) },
  init: { arity: 1, run: ([from], call) => cut(from, call, (size) => (size === 0 ? null : [0, size - 1])) },
  take: { arity: 2, run: ([count, from], call) => cut(from, call, () => pair(0, integerFrom(count))) },
  drop: { arity: 2, run: ([count, from], call) => cut(from, call, (size) => pair(integerFrom(count), size)) },
  reverseList: { arity: 1, run: ([from]) => whole(wholeFrom(from), (elements) => [...elements].reverse()) },
  length: {
    arity: 1,
    run: ([from]) => {
      const elements = wholeFrom(from);
      return elements === null ? null : integer(elements.length);
    },
  },
  range: { arity: 2, run: ([first, last], call) => range(integerFrom(first), integerFrom(last), call) },
  genList: {
    arity: 2,
    run: ([f, count], call) => {
      const numbers = range(0, (integerFrom(count) ?? Number.NaN) - 1, call);
      return numbers?.kind === "list" ? mapped(numbers, (element) => later(f, [element.value], call), call) : numbers;
    },
  },
  fold: { arity: 3, run: ([f, start, from], call) => folded(f, start, wholeFrom(from), call, true) },
  "foldl'": { arity: 3, run: ([f, start, from], call) => folded(f, start, wholeFrom(from), call, false) },
  foldl: { arity: 3, run: ([f, start, from], call) => folded(f, start, wholeFrom(from), call, false) },
  foldr: { arity: 3, run: ([f, start, from], call) => folded(f, start, wholeFrom(from), call, true) },
  concat: {
    arity: 2,
    run: ([a, b], call) =>
      concatenate(
        [a, b].flatMap((one) => (one === undefined ? [] : [partOf(one)])),
        call.run,
      ),
  },
};

function mapped(from: ListTerm | null, to: (element: Element, index: number) => Thunk, call: Call): Term | null {
  if (from === null) return null;
  if (!spend(call.run, from.elements.length)) return tooMuch;
  const elements = from.elements.map((element, index) => made(to(element, index), element.span, element.conditional));
  return list(elements, from.unknown);
}

function indexed(f: Thunk | undefined, from: Thunk | undefined, first: number, call: Call): Term | null {
  const elements = wholeFrom(from);
  const number = (index: number) => ready({ kind: "integer", text: `${index}`, value: index }, call.at);
  return elements === null
    ? null
    : mapped(list(elements), ({ value }, index) => later(f, [number(first + index), value], call), call);
}

function partOf(thunk: Thunk): Part {
  return { term: force(thunk), span: thunk.span };
}

/** A list of lists as one; what a conditional element brings is conditional. */
export function joined(from: ListTerm | null, call: Call): Term | null {
  if (from === null) return null;
  const parts = from.elements.map(({ value, span, conditional: doubtful }): Part => {
    const term = force(value);
    return { term: doubtful ? conditional(unwrap(term)) : term, span };
  });
  const whole = concatenate(parts, call.run);
  return whole.kind === "list" ? { ...whole, unknown: [...from.unknown, ...whole.unknown] } : whole;
}

function flattened(from: Thunk | undefined, call: Call): Term | null {
  const term = from === undefined ? null : unwrap(force(from));
  if (from === undefined || term === null || term.kind === "unknown") return null;
  if (term.kind !== "list") return term.kind === "absent" ? list([]) : list([made(from, from.span)]);
  const elements: Element[] = [];
  const literals = [...literalsOf(term)];
  const unknowns = [...term.unknown];
  const pending = [...elementsOf(term)].reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!spend(call.run, 1)) return tooMuch;
    const element = next;
    const inner = force(element.value);
    const nested = unwrap(inner);
    if (inner.kind === "unknown") unknowns.push(unknownPart(inner, element.span));
    else if (nested.kind === "list") {
      const parts = elementsOf(element.conditional ? (conditional(nested) as ListTerm) : nested);
      if (!spend(call.run, nested.unknown.length)) return tooMuch;
      for (const literal of element.conditional ? [] : literalsOf(nested)) literals.push(literal);
      for (const part of nested.unknown) unknowns.push(part);
      for (const part of [...parts].reverse()) pending.push(part);
    } else elements.push(element);
  }
  return { ...list(elements, unknowns), literals };
}

function at(elements: readonly Element[] | null, index: number): Term | null {
  const element = elements?.at(index);
  return element === undefined ? null : forceRaw(element.value);
}

function pair(from: number | null, to: number | null): [number, number] | null {
  return from === null || to === null ? null : [Math.max(0, from), Math.max(0, to)];
}

function cut(from: Thunk | undefined, call: Call, bounds: (size: number) => [number, number] | null): Term | null {
  return whole(wholeFrom(from), (elements) => {
    if (!spend(call.run, elements.length)) return null;
    const chosen = bounds(elements.length);
    return chosen === null ? null : elements.slice(...chosen);
  });
}

function whole(
  elements: readonly Element[] | null,
  of: (elements: readonly Element[]) => readonly Element[] | null,
): Term | null {
  const kept = elements === null ? null : of(elements);
  return kept === null ? null : list(kept);
}

function range(first: number | null, last: number | null, call: Call): Term | null {
  if (first === null || last === null || !Number.isSafeInteger(last - first)) return null;
  const count = Math.max(0, last - first + 1);
  if (!spend(call.run, count)) return tooMuch;
  return list(
    Array.from({ length: count }, (_, index) =>
      made({ kind: "integer", text: `${first + index}`, value: first + index }, call.at),
    ),
  );
}

function folded(
  f: Thunk | undefined,
  start: Thunk | undefined,
  elements: readonly Element[] | null,
  call: Call,
  backwards: boolean,
): Term | null {
  if (elements === null || start === undefined || f === undefined) return null;
  let term = forceRaw(start);
  for (const { value } of backwards ? [...elements].reverse() : elements) {
    if (term.kind === "unknown") return term;
    const before = ready(term, call.at);
    term = apply(f, backwards ? [value, before] : [before, value], call);
  }
  return term;
}
