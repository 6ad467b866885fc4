import { allOf, boolFrom, integerFrom, later, listFrom, textFrom, wholeFrom } from "./arguments";
import { compare } from "./compare";
import { joined } from "./libraryLists";
import { sideBySide } from "./lists";
import {
  type Builtin,
  bool,
  type Call,
  conditional,
  delay,
  elementsOf,
  excerpt,
  force,
  forceRaw,
  integer,
  type ListTerm,
  type Term,
  type Thunk,
  unknown,
  unknownPart,
  unwrap,
} from "./terms";

const passing: Builtin = { arity: 1, run: ([value]) => (value === undefined ? null : forceRaw(value)) };
const passingSecond: Builtin = { arity: 2, run: ([, value]) => (value === undefined ? null : forceRaw(value)) };
const failing: Builtin = {
  arity: 1,
  run: ([message]) => {
    const text = textFrom(message);
    return unknown(text === null ? "it ends in an error" : `it ends in an error: ${text.trim().slice(0, 100)}`);
  },
};

/** `lib.modules`: what the module system makes of definitions. Priorities and orders do not change what is there. */
export const modules: Readonly<Record<string, Builtin>> = {
  mkIf: { arity: 2, run: ([condition, value], call) => when(condition, value, call) },
  // Where its assertion does not hold evaluation fails.
  mkAssert: {
    arity: 3,
    run: ([condition, , value], call) => when(condition, value, call),
  },
  mkMerge: {
    arity: 1,
    run: ([from], call) => {
      if (from === undefined) return null;
      const failed = unknown(`${excerpt(call.run.source, call.at)} is not resolved`);
      const joined = delay(call.at, () => merged(listFrom(from), call) ?? failed);
      return { kind: "merge", from, settled: joined, run: call.run };
    },
  },
  mkForce: marking({ priority: 50 }),
  mkDefault: marking({ priority: 1000 }),
  mkOptionDefault: marking({ priority: 1500 }),
  mkImageMediaOverride: marking({ priority: 60 }),
  mkVMOverride: marking({ priority: 10 }),
  mkBefore: marking({ order: 500 }),
  mkAfter: marking({ order: 1500 }),
  mkOverride: {
    arity: 2,
    run: ([priority, value]) =>
      value === undefined ? null : { kind: "marked", priority: integerFrom(priority), order: null, value },
  },
  mkOrder: {
    arity: 2,
    run: ([order, value]) =>
      value === undefined ? null : { kind: "marked", priority: null, order: integerFrom(order), value },
  },
};

function when(condition: Thunk | undefined, value: Thunk | undefined, { at }: Call): Term | null {
  if (condition === undefined || value === undefined) return null;
  return { kind: "when", condition, value, settled: delay(at, () => underIf(condition, value)) };
}

/** `mkIf` as a value. */
function underIf(condition: Thunk, value: Thunk): Term {
  const known = boolFrom(condition);
  if (known === false) return { kind: "absent", value };
  return known === null ? { kind: "maybe", value: force(value) } : force(value);
}

function marking(mark: { readonly priority?: number; readonly order?: number }): Builtin {
  const { priority = null, order = null } = mark;
  return { arity: 1, run: ([value]) => (value === undefined ? null : { kind: "marked", priority, order, value }) };
}

/** `mkMerge [ a b ]`: the lists joined, or the sets side by side; anything else is unknown. */
function merged(from: ListTerm | null, call: Call): Term | null {
  if (from === null) return null;
  const parts = elementsOf(from).flatMap(({ value, span, conditional: doubtful }) => {
    const term = unwrap(force(value));
    return term.kind === "absent" ? [] : [{ term: doubtful ? conditional(term) : term, span }];
  });
  const sets = parts.flatMap(({ term }) => (term.kind === "attrs" ? [term] : []));
  const unknowns = parts.flatMap(({ term, span }) => (term.kind === "unknown" ? [unknownPart(term, span)] : []));
  if (sets.length === 0)
    return parts.every(({ term }) => ["list", "unknown"].includes(term.kind)) ? joined(from, call) : null;
  if (sets.length + unknowns.length < parts.length) return null;
  return sideBySide(sets, [...from.unknown, ...unknowns], call.run);
}

/** `lib.trivial` and the like. */
export const trivial: Readonly<Record<string, Builtin>> = {
  id: passing,
  const: { arity: 2, run: ([value]) => (value === undefined ? null : forceRaw(value)) },
  flip: {
    arity: 3,
    run: ([f, a, b], call) => (a === undefined || b === undefined ? null : forceRaw(later(f, [b, a], call))),
  },
  pipe: {
    arity: 2,
    run: ([value, functions], call) => {
      const steps = wholeFrom(functions);
      if (steps === null || value === undefined) return null;
      return forceRaw(steps.reduce((before, step) => later(step.value, [before], call), value));
    },
  },
  seq: passingSecond,
  deepSeq: passingSecond,
  trace: passingSecond,
  warn: passingSecond,
  throw: failing,
  abort: failing,
  isString: kindTest("string"),
  isList: kindTest("list"),
  isAttrs: kindTest("attrs"),
  isBool: kindTest("bool"),
  isInt: kindTest("integer"),
  isPath: kindTest("path"),
  isNull: kindTest("null"),
  isFunction: kindTest("lambda", "builtin"),
  boolToString: {
    arity: 1,
    run: ([value]) => {
      const known = boolFrom(value);
      return known === null ? null : { kind: "string", text: `${known}`, resolved: true };
    },
  },
  lessThan: {
    arity: 2,
    run: (given) => {
      const [a, b] = given.map(force);
      const order = a === undefined || b === undefined ? null : compare(a, b);
      return order === null ? null : bool(order < 0);
    },
  },
  add: calculation((a, b) => a + b),
  sub: calculation((a, b) => a - b),
  mul: calculation((a, b) => a * b),
  div: calculation((a, b) => (b === 0 ? null : Math.trunc(a / b))),
};

function kindTest(...kinds: readonly Term["kind"][]): Builtin {
  return {
    arity: 1,
    run: ([value]) => {
      const { kind } = value === undefined ? unknown("") : seen(force(value));
      return ["unknown", "maybe", "absent", "open"].includes(kind) ? null : bool(kinds.includes(kind));
    },
  };
}

/** What an open set turns out to be. */
function seen(term: Term): Term {
  return term.kind === "open" ? term.set.whole() : term;
}

function calculation(of: (a: number, b: number) => number | null): Builtin {
  return {
    arity: 2,
    run: (given: readonly Thunk[]) => {
      const numbers = allOf(given, integerFrom);
      const [a, b] = numbers ?? [];
      const result = a === undefined || b === undefined ? null : of(a, b);
      return result === null ? null : integer(result);
    },
  };
}
