import { boolFrom, integerFrom, later } from "./arguments";
import { child } from "./nodes";
import { select } from "./select";
import {
  attrs,
  type Builtin,
  bool,
  type Call,
  force,
  integer,
  member,
  settled,
  string,
  type Term,
  type Thunk,
  unknown,
} from "./terms";

const second: Builtin = { arity: 2, run: ([, value]) => (value === undefined ? null : force(value)) };
const third: Builtin = { arity: 3, run: ([, , value]) => (value === undefined ? null : force(value)) };

/** `lib.asserts`, `lib.debug` and the rest of `lib.trivial`: what warns gives its value, for a configuration that builds passes its assertions. */
export const asserts: Readonly<Record<string, Builtin>> = {
  throwIf: { arity: 3, run: ([condition, , value]) => unless(condition, true, value) },
  throwIfNot: { arity: 3, run: ([condition, , value]) => unless(condition, false, value) },
  warnIf: third,
  warnIfNot: third,
  traceVal: { arity: 1, run: ([value]) => (value === undefined ? null : force(value)) },
  traceSeq: second,
  traceIf: third,
  info: second,
  addErrorContext: second,
  assertMsg: { arity: 2, run: ([condition]) => (condition === undefined ? null : force(condition)) },
  or: logic((a, b) => (a === true || b === true ? true : a === null || b === null ? null : false)),
  and: logic((a, b) => (a === false || b === false ? false : a === null || b === null ? null : true)),
  xor: logic((a, b) => (a === null || b === null ? null : a !== b)),
  min: numbers((a, b) => Math.min(a, b)),
  max: numbers((a, b) => Math.max(a, b)),
  mod: numbers((a, b) => (b === 0 ? null : a % b)),
  defaultTo: {
    arity: 2,
    run: ([otherwise, value]) => {
      const term = value === undefined ? null : force(value);
      if (term === null || term.kind === "unknown" || otherwise === undefined) return null;
      return term.kind === "null" ? force(otherwise) : term;
    },
  },
  mapNullable: {
    arity: 2,
    run: ([f, value], call) => {
      const term = value === undefined ? null : force(value);
      if (term === null || term.kind === "unknown" || value === undefined) return null;
      return term.kind === "null" ? term : force(later(f, [value], call));
    },
  },
  toFunction: {
    arity: 1,
    run: ([value], call) => {
      const term = value === undefined ? null : settled(force(value));
      if (value === undefined || term === null || term.kind === "unknown") return null;
      if (term.kind === "lambda" || term.kind === "builtin") return term;
      if ((term.kind === "attrs" || term.kind === "open") && select(term, "__functor", call.run) !== null) return term;
      return { kind: "builtin", builtin: { arity: 1, run: () => force(value) }, given: [] };
    },
  },
  functionArgs: { arity: 1, run: ([f], call) => argumentsOf(f, call) },
  setFunctionArgs: { arity: 2, run: ([f]) => (f === undefined ? null : force(f)) },
  typeOf: {
    arity: 1,
    run: ([value]) => {
      const name = value === undefined ? undefined : typeNames[settled(force(value)).kind];
      return name === undefined ? null : string(name);
    },
  },
  isFloat: {
    arity: 1,
    run: ([value]) => {
      const name = value === undefined ? undefined : typeNames[settled(force(value)).kind];
      return name === undefined ? null : bool(name === "float");
    },
  },
  isDerivation: {
    arity: 1,
    run: ([value], call) => {
      const term = value === undefined ? unknown("") : settled(force(value));
      if (term.kind !== "attrs") return typeNames[term.kind] === undefined || term.kind === "open" ? null : bool(false);
      const type = select(term, "type", call.run);
      if (type === null) return bool(false);
      return type.kind === "string" ? bool(type.text === "derivation") : null;
    },
  },
  /** What fails is not told apart from what is not known, so only what is known succeeds for sure. */
  tryEval: {
    arity: 1,
    run: ([value], { at }) => {
      const term = value === undefined ? unknown("") : settled(force(value));
      if (value === undefined || typeNames[term.kind] === undefined) return null;
      return attrs([member("success", { state: bool(true), span: at }, at), member("value", value, at)]);
    },
  },
};

const typeNames: Readonly<Partial<Record<Term["kind"], string>>> = {
  string: "string",
  path: "path",
  integer: "int",
  float: "float",
  bool: "bool",
  null: "null",
  list: "list",
  attrs: "set",
  library: "set",
  lambda: "lambda",
  builtin: "lambda",
};

/** The arguments a function names, and whether each has a default. */
function argumentsOf(f: Thunk | undefined, { at }: Call): Term | null {
  const term = f === undefined ? null : force(f);
  if (term?.kind !== "lambda") return null;
  const formals = child(term.node, "formals")?.namedChildren ?? [];
  const { source } = term.scope.run;
  const members = formals.flatMap((formal) => {
    const name = formal.type === "formal" ? child(formal, "name") : null;
    if (name === null) return [];
    const text = source.slice(name.startIndex, name.endIndex);
    return [member(text, { state: bool(child(formal, "default") !== null), span: at }, at)];
  });
  return attrs(members);
}

function unless(condition: Thunk | undefined, failing: boolean, value: Thunk | undefined): Term | null {
  if (value === undefined) return null;
  return boolFrom(condition) === failing ? unknown("it ends in an error") : force(value);
}

function logic(of: (a: boolean | null, b: boolean | null) => boolean | null): Builtin {
  return {
    arity: 2,
    run: ([a, b]) => {
      const known = of(boolFrom(a), boolFrom(b));
      return known === null ? null : bool(known);
    },
  };
}

function numbers(of: (a: number, b: number) => number | null): Builtin {
  return {
    arity: 2,
    run: ([a, b]) => {
      const [x, y] = [integerFrom(a), integerFrom(b)];
      const result = x === null || y === null ? null : of(x, y);
      return result === null ? null : integer(result);
    },
  };
}
