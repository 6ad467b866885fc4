import { boolFrom, later, listFrom } from "./arguments";
import { equal } from "./compare";
import {
  type Builtin,
  bool,
  type Call,
  type Element,
  elementsOf,
  force,
  isWhole,
  type ListTerm,
  list,
  spend,
  type Term,
  type Thunk,
  tooMuch,
  underCondition,
} from "./terms";

/** `builtins` and `lib.lists`: functions that ask something of the elements of a list. */
export const questions: Readonly<Record<string, Builtin>> = {
  unique: { arity: 1, run: ([from], call) => unique(listFrom(from), call) },
  filter: { arity: 2, run: ([f, from], call) => filtered(listFrom(from), call, (value) => answer(f, value, call)) },
  remove: {
    arity: 2,
    run: ([what, from], call) => filtered(listFrom(from), call, (value) => not(same(what, value, call))),
  },
  subtractLists: {
    arity: 2,
    run: ([what, from], call) => filtered(listFrom(from), call, (value) => not(found(what, value, call))),
  },
  elem: {
    arity: 2,
    run: ([what, from], call) => answered(what === undefined ? null : found(from, what, call)),
  },
  any: { arity: 2, run: ([f, from], call) => answered(some(listFrom(from), (value) => answer(f, value, call))) },
  all: {
    arity: 2,
    run: ([f, from], call) => answered(not(some(listFrom(from), (value) => not(answer(f, value, call))))),
  },
};

/** Null where the answer is not known. */
type Answer = boolean | null;

/** Doubles vanish: of a list that is wholly known really, of any other no element may be reported as doubled, so each is conditional. */
function unique(from: ListTerm | null, call: Call): Term | null {
  if (from === null) return null;
  const kept: Element[] = [];
  const elements = elementsOf(from);
  let known = isWhole(from);
  const seen = new Set<string>();
  for (const element of known ? elements : []) {
    const term = force(element.value);
    if (term.kind === "string") {
      if (!seen.has(term.text)) kept.push(element);
      seen.add(term.text);
      continue;
    }
    const answers =
      term.kind === "attrs" || term.kind === "list" || isPlain(term)
        ? kept.map((other) => equal(force(other.value), term, call.run))
        : [null];
    if (answers.includes(null)) known = false;
    else if (!answers.includes(true)) kept.push(element);
  }
  if (known) return { ...from, elements: kept };
  return { ...from, elements: elements.map(underCondition) };
}

function isPlain({ kind }: Term): boolean {
  return ["integer", "bool", "null", "path"].includes(kind);
}

function filtered(from: ListTerm | null, call: Call, keep: (value: Thunk) => Answer): Term | null {
  if (from === null) return null;
  if (!spend(call.run, from.elements.length)) return tooMuch;
  const elements = elementsOf(from).flatMap((element) => {
    const kept = keep(element.value);
    if (kept === false) return [];
    return [kept === null ? underCondition(element) : element];
  });
  return list(elements, from.unknown);
}

function answer(f: Thunk | undefined, value: Thunk, call: Call): Answer {
  return boolFrom(later(f, [value], call));
}

function answered(known: Answer): Term | null {
  return known === null ? null : bool(known);
}

function not(known: Answer): Answer {
  return known === null ? null : !known;
}

function same(what: Thunk | undefined, value: Thunk, call: Call): Answer {
  return what === undefined ? null : equal(force(what), force(value), call.run);
}

function found(from: Thunk | undefined, what: Thunk, call: Call): Answer {
  return some(listFrom(from), (value) => same(what, value, call));
}

/** True when one element is there for sure and passes, false when nothing that may be there does. */
function some(from: ListTerm | null, passes: (value: Thunk) => Answer): Answer {
  if (from === null) return null;
  let open = from.unknown.length > 0;
  for (const { value, conditional: doubtful } of from.elements) {
    const one = passes(value);
    if (one === true && !doubtful) return true;
    if (one !== false) open = true;
  }
  return open ? null : false;
}
