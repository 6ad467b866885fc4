import { boolFrom } from "../nix/arguments";
import type { Place } from "../nix/nodes";
import { named } from "../nix/select";
import {
  attrs,
  force,
  forceRaw,
  isDefinition,
  type Member,
  maximumNested,
  membersOf,
  ready,
  spend,
  type Term,
  type Thunk,
  tooMuch,
  unknown,
  unknownPart,
  unwrap,
} from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import type { Names } from "./ahead";

/** What one module says of one option, or of a set of options: `mkIf`, `mkMerge` and priorities around it are taken apart. */
export interface Definition {
  readonly value: Thunk;
  /** All of them have to hold. */
  readonly conditions: readonly Thunk[];
  /** True where it depends on something that is not known besides the conditions. */
  readonly conditional: boolean;
  /** Null where none is given: then it is 100. Less wins. */
  readonly priority: number | null;
  /** Null where none is given: then it is 1000. Lists are in this order. */
  readonly order: number | null;
  /** Present where it stands for definitions that are not looked at yet; then `value` says nothing. */
  readonly ahead: Unread | null;
  /** How many `mkIf`, `mkMerge` and priorities it was taken out of; none where absent. */
  readonly depth?: number;
}

/** Definitions of which the text shows what they set. */
export interface Unread {
  /** The names they set, these and no others; null where it does not show what is below the place they stand at. */
  readonly names: Names | null;
  /** `isNeeded` says that their conditions are asked for next: what is switched off as a whole need not be looked at. */
  readonly read: (isNeeded: boolean) => Definitions;
}

/** All that modules say of an option, and what they may say besides. */
export interface Definitions {
  readonly known: readonly Definition[];
  readonly unknown: readonly UnknownValue[];
}

export const nothing: Definitions = { known: [], unknown: [] };

export function definition(value: Thunk, conditional = false): Definition {
  return { value, conditions: [], conditional, priority: null, order: null, ahead: null };
}

/** A definition whose value is no `mkIf`, `mkMerge` or priority any more; one that is not known has conditions that are to be asked first. */
export interface Plain extends Definition {
  readonly term: Term;
}

export interface PlainDefinitions {
  readonly known: readonly Plain[];
  readonly unknown: readonly UnknownValue[];
}

/**
 * Takes `mkIf`, `mkMerge` and priorities apart; no condition is asked for, so that it may depend on what is taken apart. `isNeeded` says
 * that all are asked for next.
 */
export function takeApart(definitions: Definitions, isNeeded = false): PlainDefinitions {
  const known: Plain[] = [];
  const unknowns = [...definitions.unknown];
  const pending = [...definitions.known].reverse();
  for (let one = pending.pop(); one !== undefined; one = pending.pop())
    takeOneApart(one, isNeeded, pending, known, unknowns);
  return { known, unknown: unknowns };
}

/** One step of it: what is in a definition is added to `pending`, last first; what is not taken apart further to `known` or `unknown`. */
export function takeOneApart(
  one: Definition,
  isNeeded: boolean,
  pending: Definition[],
  known: Plain[],
  unknowns: UnknownValue[],
): void {
  if (one.ahead !== null) {
    const found = one.ahead.read(isNeeded);
    for (const part of [...found.known].reverse()) pending.push(part);
    for (const part of found.unknown) unknowns.push(part);
    return;
  }
  const depth = (one.depth ?? 0) + 1;
  const raw = forceRaw(one.value);
  const term = depth > maximumNested && isDefinition(raw) ? unknown("it refers to itself") : raw;
  switch (term.kind) {
    case "when":
      if (!isNeeded || boolFrom(term.condition) !== false)
        pending.push({ ...one, depth, value: term.value, conditions: [...one.conditions, term.condition] });
      break;
    case "marked":
      pending.push({
        ...one,
        depth,
        value: term.value,
        priority: one.priority ?? term.priority,
        order: one.order ?? term.order,
      });
      break;
    case "merge": {
      const parts = unwrap(force(term.from));
      if (parts.kind !== "list") {
        unknowns.push(part(parts, term.from.span));
        break;
      }
      // `let x = mkMerge [ x x ]; in x` has no end.
      if (!spend(term.run, parts.elements.length)) {
        unknowns.push(part(tooMuch, term.from.span));
        break;
      }
      for (const other of parts.unknown) unknowns.push(other);
      const inner = parts.elements.map((element) => ({
        ...one,
        depth,
        value: element.value,
        conditional: one.conditional || element.conditional,
      }));
      for (const other of inner.reverse()) pending.push(other);
      break;
    }
    case "maybe":
      pending.push({ ...one, depth, value: ready(term.value, one.value.span), conditional: true });
      break;
    case "absent":
      break;
    case "unknown":
      // What is not known may be switched off.
      if (one.conditions.length === 0) unknowns.push(part(term, one.value.span));
      else known.push({ ...one, depth: 0, term });
      break;
    default:
      known.push({ ...one, depth: 0, term });
  }
}

function part(term: Term, span: Place): UnknownValue {
  return unknownPart(term.kind === "unknown" ? term : unknown("it is not a list"), span);
}

/** What sets of definitions say of the attribute `name`; conditions and priorities around the sets go down with it. */
export function below({ known, unknown }: PlainDefinitions, name: string): Definitions {
  const found: Definition[] = [];
  const unknowns = [...unknown];
  for (const one of thoseWith(known, name)) addBelow(one, name, found, unknowns);
  return { known: found, unknown: unknowns };
}

/** So many definitions are indexed: storages and users by name may be as many as the modules that set them. */
const manyDefinitions = 64;

interface Index {
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** Those that may say something of any name. */
  readonly others: readonly number[];
}

const indexes = new WeakMap<readonly Plain[], Index>();

/** The definitions that may say something of the attribute `name`, in their order. */
function thoseWith(known: readonly Plain[], name: string): readonly Plain[] {
  if (known.length < manyDefinitions) return known;
  let index = indexes.get(known);
  if (index === undefined) {
    index = indexOfAll(known);
    indexes.set(known, index);
  }
  const positions = [...index.others, ...(index.byName.get(name) ?? [])].sort((a, b) => a - b);
  return positions.flatMap((position) => known[position] ?? []);
}

function indexOfAll(known: readonly Plain[]): Index {
  const byName = new Map<string, number[]>();
  const others: number[] = [];
  for (const [position, { term }] of known.entries()) {
    if (term.kind !== "attrs" || term.unknown.length > 0 || term.members.some(({ path }) => path[0]?.name == null)) {
      others.push(position);
      continue;
    }
    for (const own of new Set(term.members.flatMap(({ path }) => path[0]?.name ?? []))) {
      const same = byName.get(own);
      if (same === undefined) byName.set(own, [position]);
      else same.push(position);
    }
  }
  return { byName, others };
}

export function addBelow(one: Plain, name: string, found: Definition[], unknowns: UnknownValue[]): void {
  const { term } = one;
  if (term.kind === "unknown") found.push(one);
  else if (term.kind === "open") {
    const has = term.set.has(name);
    const inner = has === false ? null : term.set.member(name);
    if (inner?.kind === "unknown" && has === null) unknowns.push(part(inner, one.value.span));
    else if (inner !== null)
      found.push({ ...one, value: ready(inner, one.value.span), conditional: one.conditional || has === null });
  } else if (term.kind === "attrs") {
    const { members, isOpen } = named(term, name);
    for (const one of term.unknown) unknowns.push(one);
    if (isOpen) unknowns.push(part(term, one.value.span));
    for (const member of members)
      found.push({ ...one, value: insideOf(member), conditional: one.conditional || member.conditional });
  }
}

/** `a.b = x` is `a = { b = x; }`. */
export function insideOf(member: Member): Thunk {
  if (member.path.length <= 1) return member.value;
  return ready(attrs([{ ...member, path: member.path.slice(1) }]), member.value.span);
}

/** The names that sets of definitions have, in the order they are written. */
export function namesOf({ known }: PlainDefinitions): string[] {
  const names = new Set<string>();
  for (const { term } of known) {
    const whole = term.kind === "open" ? term.set.whole() : term;
    if (whole.kind !== "attrs") continue;
    for (const { path } of membersOf(whole)) if (path[0]?.name != null) names.add(path[0].name);
  }
  return [...names];
}

/** The definitions that count: those whose conditions may hold, and of these the ones no other is stronger than. */
export function discharge(definitions: PlainDefinitions): PlainDefinitions {
  const unknowns = definitions.unknown.slice();
  const there: Plain[] = [];
  let strongest = Number.POSITIVE_INFINITY;
  let perhaps = Number.POSITIVE_INFINITY;
  for (const one of definitions.known) {
    const conditional = doubtIn(one);
    if (conditional === null) continue;
    if (one.term.kind === "unknown") unknowns.push(part(one.term, one.value.span));
    else {
      const priority = one.priority ?? 100;
      perhaps = Math.min(perhaps, priority);
      if (!conditional) strongest = Math.min(strongest, priority);
      there.push({ ...one, conditional, conditions: none });
    }
  }
  const known: Plain[] = [];
  for (const one of there) {
    const priority = one.priority ?? 100;
    if (priority <= strongest)
      known.push({ ...one, conditional: one.conditional || perhaps < priority, priority: null });
  }
  return { known, unknown: unknowns };
}

const none: readonly never[] = [];

/** Whether it is not known that a definition is there; null where it surely is not. */
function doubtIn({ conditional, conditions }: Plain): boolean | null {
  let doubt = conditional;
  for (const condition of conditions) {
    const holds = boolFrom(condition);
    if (holds === false) return null;
    doubt ||= holds === null;
  }
  return doubt;
}
