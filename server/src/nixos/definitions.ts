import { boolFrom } from "../nix/arguments";
import type { Place } from "../nix/nodes";
import { indexOf } from "../nix/select";
import {
  attrs,
  force,
  forceRaw,
  type Member,
  maximumNested,
  membersOf,
  ready,
  type Term,
  type Thunk,
  unknown,
  unknownPart,
  unwrap,
} from "../nix/terms";
import type { UnknownValue } from "../nix/value";

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
}

/** All that modules say of an option, and what they may say besides. */
export interface Definitions {
  readonly known: readonly Definition[];
  readonly unknown: readonly UnknownValue[];
}

export const nothing: Definitions = { known: [], unknown: [] };

export function definition(value: Thunk, conditional = false): Definition {
  return { value, conditions: [], conditional, priority: null, order: null };
}

/** A definition whose value is no `mkIf`, `mkMerge` or priority any more; one that is not known has conditions that are to be asked first. */
export interface Plain extends Definition {
  readonly term: Term;
}

export interface PlainDefinitions {
  readonly known: readonly Plain[];
  readonly unknown: readonly UnknownValue[];
}

interface Wrapped extends Definition {
  /** How many `mkIf`, `mkMerge` and priorities it was taken out of. */
  readonly depth: number;
}

/** More parts than any definition has. */
const maximumParts = 100_000;

/** Takes `mkIf`, `mkMerge` and priorities apart; no condition is asked for, so that it may depend on what is taken apart. */
export function takeApart(definitions: Definitions): PlainDefinitions {
  const known: Plain[] = [];
  const unknowns = [...definitions.unknown];
  const pending = definitions.known.map((one): Wrapped => ({ ...one, depth: 0 })).reverse();
  let turns = 0;
  for (let wrapped = pending.pop(); wrapped !== undefined; wrapped = pending.pop()) {
    const { depth, ...one } = wrapped;
    if (depth > maximumNested || turns++ > maximumParts + definitions.known.length) {
      unknowns.push(part(unknown("it refers to itself"), one.value.span));
      if (depth > maximumNested) continue;
      break;
    }
    const inner = { ...one, depth: depth + 1 };
    const term = forceRaw(one.value);
    switch (term.kind) {
      case "when":
        pending.push({ ...inner, value: term.value, conditions: [...one.conditions, term.condition] });
        break;
      case "marked":
        pending.push({
          ...inner,
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
        for (const other of parts.unknown) unknowns.push(other);
        const within = parts.elements.map((element) => ({
          ...inner,
          value: element.value,
          conditional: one.conditional || element.conditional,
        }));
        for (const other of within.reverse()) pending.push(other);
        break;
      }
      case "maybe":
        pending.push({ ...inner, value: ready(term.value, one.value.span), conditional: true });
        break;
      case "absent":
        break;
      case "unknown":
        // What is not known may be switched off.
        if (one.conditions.length === 0) unknowns.push(part(term, one.value.span));
        else known.push({ ...one, term });
        break;
      default:
        known.push({ ...one, term });
    }
  }
  return { known, unknown: unknowns };
}

function part(term: Term, span: Place): UnknownValue {
  return unknownPart(term.kind === "unknown" ? term : unknown("it is not a list"), span);
}

/** Which definitions have which attribute: storages and users by name may be as many as the modules that set them. */
interface Index {
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** Those of which not all attributes are known by name. */
  readonly others: readonly number[];
  readonly unknown: readonly UnknownValue[];
}

const indexes = new WeakMap<readonly Plain[], Index>();

function indexed(known: readonly Plain[]): Index {
  let index = indexes.get(known);
  if (index !== undefined) return index;
  const byName = new Map<string, number[]>();
  const others: number[] = [];
  const unknowns: UnknownValue[] = [];
  for (const [position, { term, value }] of known.entries()) {
    if (term.kind === "unknown" || term.kind === "open") others.push(position);
    if (term.kind !== "attrs") continue;
    for (const one of term.unknown) unknowns.push(one);
    for (const name of indexOf(term).keys()) {
      const same = name === null ? undefined : byName.get(name);
      if (name === null) unknowns.push(part(term, value.span));
      else if (same === undefined) byName.set(name, [position]);
      else same.push(position);
    }
  }
  index = { byName, others, unknown: unknowns };
  indexes.set(known, index);
  return index;
}

/** What sets of definitions say of the attribute `name`; conditions and priorities around the sets go down with it. */
export function below({ known, unknown }: PlainDefinitions, name: string): Definitions {
  const index = indexed(known);
  const found: Definition[] = [];
  const unknowns = [...unknown, ...index.unknown];
  const positions = [...index.others, ...(index.byName.get(name) ?? [])].sort((a, b) => a - b);
  for (const position of positions) {
    const one = known[position];
    if (one === undefined) continue;
    const { term } = one;
    if (term.kind === "unknown") found.push(one);
    else if (term.kind === "open") {
      const has = term.set.has(name);
      const inner = has === false ? null : term.set.member(name);
      if (inner?.kind === "unknown" && has === null) unknowns.push(part(inner, one.value.span));
      else if (inner !== null)
        found.push({ ...one, value: ready(inner, one.value.span), conditional: one.conditional || has === null });
    } else if (term.kind === "attrs") {
      for (const member of indexOf(term).get(name) ?? [])
        found.push({ ...one, value: insideOf(member), conditional: one.conditional || member.conditional });
    }
  }
  return { known: found, unknown: unknowns };
}

/** `a.b = x` is `a = { b = x; }`. */
function insideOf(member: Member): Thunk {
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
  const unknowns = [...definitions.unknown];
  const there = definitions.known.flatMap((one): Plain[] => {
    let { conditional } = one;
    for (const condition of one.conditions) {
      const holds = boolFrom(condition);
      if (holds === false) return [];
      conditional ||= holds === null;
    }
    if (one.term.kind === "unknown") unknowns.push(part(one.term, one.value.span));
    return one.term.kind === "unknown" ? [] : [{ ...one, conditional, conditions: [] }];
  });
  const priorityOf = (one: Plain): number => one.priority ?? 100;
  const strongest = least(there.filter((one) => !one.conditional).map(priorityOf));
  const perhaps = least(there.map(priorityOf));
  const known = there
    .filter((one) => priorityOf(one) <= strongest)
    .map((one): Plain => {
      const overridden = perhaps < priorityOf(one);
      return { ...one, conditional: one.conditional || overridden, priority: null };
    });
  return { known, unknown: unknowns };
}

/** The least of any number of numbers. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}
