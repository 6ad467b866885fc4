import type { Builtin, OpenSet, Term } from "./terms";

/** An open set of the given attributes; `others` stands for any other, which may be there or not, and for all of it. */
export function partlyKnown(known: Readonly<Record<string, () => Term>>, others: Term): Term {
  const set: OpenSet = {
    member: (name) => (Object.hasOwn(known, name) ? (known[name]?.() ?? null) : others),
    has: (name) => (Object.hasOwn(known, name) ? true : null),
    whole: () => others,
  };
  return { kind: "open", set };
}

/** A function that is followed. */
export function builtin(arity: number, run: Builtin["run"]): Term {
  return { kind: "builtin", builtin: { arity, run }, given: [] };
}
