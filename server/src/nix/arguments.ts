import type { Span } from "../syntax/span";
import { apply } from "./apply";
import { indexOf, mergeMembers } from "./select";
import {
  type AttrsTerm,
  type Call,
  delay,
  type Element,
  elementsOf,
  force,
  isWhole,
  type ListTerm,
  list,
  type Member,
  spend,
  type Thunk,
  unwrap,
} from "./terms";
import type { UnknownValue } from "./value";

/** Arguments of library functions in the form they want; null where an argument is not known or of another kind. */

export function listFrom(thunk: Thunk | undefined): ListTerm | null {
  const term = thunk === undefined ? null : unwrap(force(thunk));
  if (term?.kind === "absent") return list([]);
  return term?.kind === "list" ? term : null;
}

/** The elements of a list of which nothing is unknown but what the elements are. */
export function wholeFrom(thunk: Thunk | undefined): readonly Element[] | null {
  const term = listFrom(thunk);
  return term !== null && isWhole(term) ? elementsOf(term) : null;
}

export function textFrom(thunk: Thunk | undefined): string | null {
  const term = thunk === undefined ? null : force(thunk);
  return term?.kind === "string" ? term.text : null;
}

export function textsFrom(thunk: Thunk | undefined): string[] | null {
  return allOf(wholeFrom(thunk), (element) => textFrom(element.value));
}

export function boolFrom(thunk: Thunk | undefined): boolean | null {
  const term = thunk === undefined ? null : force(thunk);
  return term?.kind === "bool" ? term.value : null;
}

export function integerFrom(thunk: Thunk | undefined): number | null {
  const term = thunk === undefined ? null : force(thunk);
  return term?.kind === "integer" ? term.value : null;
}

export function attrsFrom(thunk: Thunk | undefined): AttrsTerm | null {
  const term = thunk === undefined ? null : unwrap(force(thunk));
  return term?.kind === "attrs" ? term : null;
}

/** What `of` makes of all parts; null when it makes null of one. */
export function allOf<T, U>(parts: readonly T[] | null, of: (part: T) => U | null): U[] | null {
  if (parts === null) return null;
  const made: U[] = [];
  for (const part of parts) {
    const one = of(part);
    if (one === null) return null;
    made.push(one);
  }
  return made;
}

/** `f a b`, evaluated when it is asked for. */
export function later(f: Thunk | undefined, given: readonly Thunk[], call: Call, at: Span = call.at): Thunk {
  return delay(at, () => (f === undefined ? { kind: "null" } : apply(f, given, call)));
}

/** One attribute of a set with all that its bindings make of it. */
export interface Attribute {
  readonly name: string;
  readonly value: Thunk;
  readonly first: Member;
  readonly conditional: boolean;
}

/** The attributes of a set in the order they are written, and what else it may hold; null when there are too many. */
export function attributesOf(
  term: AttrsTerm,
  call: Call,
): { readonly known: readonly Attribute[]; readonly unknown: readonly UnknownValue[] } | null {
  const known: Attribute[] = [];
  const unknown = [...term.unknown];
  const index = indexOf(term);
  if (!spend(call.run, index.size)) return null;
  for (const [name, members] of index) {
    const [first] = members;
    if (first === undefined) continue;
    const conditional = members.some((one) => one.conditional);
    if (name !== null) known.push({ name, value: mergeMembers(members, call.run), first, conditional });
    else unknown.push({ kind: "unknown", reason: "the name of an attribute is computed", span: first.span });
  }
  return { known, unknown };
}
