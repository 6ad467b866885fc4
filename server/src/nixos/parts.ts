import { span } from "../nix/nodes";
import { type Inside, type Shape, shapeOf } from "../nix/shape";
import { delay, force, forceRaw, type Term, type Thunk } from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import {
  below,
  type Definition,
  type Definitions,
  insideOf,
  named,
  namesOf,
  type Plain,
  type PlainDefinitions,
  takeApart,
  takeOneApart,
} from "./definitions";

/** A definition of which the text shows the names: it is evaluated when one of them is asked for. */
interface Written extends Definition {
  readonly shape: Shape;
}

type Part = Plain | Written;

interface Index {
  /** The parts that have a name, by number. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** Those that have to be asked. */
  readonly others: readonly number[];
}

/** More parts than these are looked up by name. */
const fewParts = 12;

/**
 * All that modules say of a set of options, evaluated as little as a question needs: most modules of a repository say nothing of what is
 * asked for, and that shows in their text. Gives what taking all of it apart gives.
 */
export class Parts {
  readonly #parts: Part[] = [];
  readonly #unknown: UnknownValue[];
  #index: Index | null = null;
  #plain: PlainDefinitions | null = null;

  constructor(private readonly definitions: Definitions) {
    const known: Plain[] = [];
    this.#unknown = [...definitions.unknown];
    const pending = [...definitions.known].reverse();
    for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
      const shape = shapeOf(one.value);
      if (shape !== null) this.#parts.push({ ...one, shape });
      else {
        takeOneApart(one, pending, known, this.#unknown);
        for (let plain = known.pop(); plain !== undefined; plain = known.pop()) this.#parts.push(plain);
      }
    }
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Whether all of them are sets. */
  get holdsSets(): boolean {
    return this.#parts.every((part) => "shape" in part || ["attrs", "open", "unknown"].includes(part.term.kind));
  }

  /** Those that are evaluated. What is not is a set. */
  get evaluated(): readonly Plain[] {
    return this.#parts.flatMap((part) => ("shape" in part ? [] : [part]));
  }

  get values(): readonly Thunk[] {
    return this.#parts.map(({ value }) => value);
  }

  /** All of it, evaluated. */
  plain(): PlainDefinitions {
    this.#plain ??= takeApart(this.definitions);
    return this.#plain;
  }

  /** The names, in the order they are written. */
  get names(): readonly string[] {
    return [...new Set(this.#parts.flatMap(namesIn))];
  }

  /** What is said of the attribute `name`. */
  below(name: string): Definitions {
    const known: Definition[] = [];
    const unknown = [...this.#unknown];
    for (const part of this.#having(name)) {
      if ("shape" in part) {
        for (const [index, inside] of (part.shape.names.get(name) ?? []).entries())
          known.push({ ...bare(part), value: attribute(part.value, name, index, inside) });
      } else {
        const found = below({ known: [part], unknown: [] }, name);
        known.push(...found.known);
        unknown.push(...found.unknown);
      }
    }
    return { known, unknown };
  }

  #having(name: string): readonly Part[] {
    if (this.#parts.length <= fewParts) return this.#parts;
    this.#index ??= indexOf(this.#parts);
    const own = this.#index.byName.get(name) ?? [];
    const { others } = this.#index;
    const numbers = others.length === 0 ? own : [...own, ...others].sort((a, b) => a - b);
    return numbers.flatMap((number) => this.#parts[number] ?? []);
  }
}

function bare({ value, conditions, conditional, priority, order }: Definition): Definition {
  return { value, conditions, conditional, priority, order };
}

function namesIn(part: Part): readonly string[] {
  return "shape" in part ? [...part.shape.names.keys()] : namesOf({ known: [part], unknown: [] });
}

function indexOf(parts: readonly Part[]): Index {
  const byName = new Map<string, number[]>();
  const others: number[] = [];
  for (const [number, part] of parts.entries()) {
    const names = closedNames(part);
    if (names === null) others.push(number);
    else
      for (const name of names) {
        const same = byName.get(name);
        if (same === undefined) byName.set(name, [number]);
        else if (same[same.length - 1] !== number) same.push(number);
      }
  }
  return { byName, others };
}

/** All the names a part has; null where it may have others. */
function closedNames(part: Part): Iterable<string> | null {
  if ("shape" in part) return part.shape.names.keys();
  const { term } = part;
  if (term.kind === "open" || term.kind === "unknown") return null;
  if (term.kind !== "attrs") return [];
  if (term.unknown.length > 0) return null;
  const names: string[] = [];
  for (const { path } of term.members) {
    const name = path[0]?.name ?? null;
    if (name === null) return null;
    names.push(name);
  }
  return names;
}

/** The value that the binding number `index` of a name gives it, of a set that is not evaluated yet. */
function attribute(set: Thunk, name: string, index: number, { at, written }: Inside): Thunk {
  return delay(
    span(at),
    (): Term => {
      const term = force(set);
      if (term.kind !== "attrs") return term;
      const member = named(term, name).members[index];
      return member === undefined ? term : forceRaw(insideOf(member));
    },
    written,
  );
}
