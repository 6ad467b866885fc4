import { span } from "../nix/nodes";
import { named } from "../nix/select";
import { type Inside, type Shape, shapeOf } from "../nix/shape";
import { delay, force, forceRaw, type Term, type Thunk } from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import { isOff, type Names, Told } from "./ahead";
import {
  addBelow as addBelowOne,
  type Definition,
  type Definitions,
  insideOf,
  namesOf,
  type Plain,
  type PlainDefinitions,
  takeApart,
  takeOneApart,
  type Unread,
} from "./definitions";

/** A set that is not evaluated before one of its names is asked for: its text shows them. */
interface Written {
  readonly one: Definition;
  readonly shape: Shape;
}

/** A definition that stands for others, which are not read before they are asked for. There are many: it is the part it makes, too. */
export abstract class Shown implements Definition, Unread {
  #parts: Parts | null = null;

  constructor(readonly names: Names | null) {}

  /** The definition it is a part of: what stands around that holds for it. */
  protected abstract readonly like: Definition;

  abstract read(isNeeded: boolean): Definitions;

  get value(): Thunk {
    return this.like.value;
  }

  get conditions(): readonly Thunk[] {
    return this.like.conditions;
  }

  get conditional(): boolean {
    return this.like.conditional;
  }

  // What is read of it may have a priority or an order of its own, and has it from there.
  get priority(): null {
    return null;
  }

  get order(): null {
    return null;
  }

  get ahead(): Unread {
    return this;
  }

  parts(isNeeded: boolean): Parts {
    this.#parts ??= new Parts(this.read(isNeeded));
    return this.#parts;
  }
}

/** What one says of a name, where its text shows what that is about. */
class ShownBelow extends Shown {
  constructor(
    private readonly above: Shown,
    private readonly name: string,
    names: Names | null,
  ) {
    super(names);
  }

  protected get like(): Definition {
    return this.above;
  }

  read(isNeeded: boolean): Definitions {
    return this.above.parts(isNeeded).below(this.name);
  }
}

type Part = Plain | Written | Shown;

interface Index {
  /** The parts that have a name, by number. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** Those that have to be asked. */
  readonly others: readonly number[];
}

/** More parts than these are looked up by name, from some number of questions on. */
const fewParts = 12;
const fewQuestions = 6;

/**
 * All that modules say of a set of options, evaluated as little as a question needs: most modules of a repository say nothing of what is
 * asked for, and that shows in their text. Gives what taking all of it apart gives.
 */
export class Parts {
  readonly #parts: Part[] = [];
  readonly #unknown: UnknownValue[];
  #index: Index | null = null;
  #questions = 0;
  #plain: PlainDefinitions | null = null;
  #evaluated: readonly Plain[] | null = null;

  constructor(private readonly definitions: Definitions) {
    this.#unknown = definitions.unknown.slice();
    for (const one of definitions.known) if (!this.#addShown(one)) this.#addTakenApart(one);
  }

  /** Adds what need not be evaluated for its names. */
  #addShown(one: Definition): boolean {
    const { ahead } = one;
    if (ahead !== null) {
      if (ahead.names !== null && one instanceof Shown) this.#parts.push(one);
      return ahead.names !== null && one instanceof Shown;
    }
    const shape = shapeOf(one.value);
    if (shape !== null) this.#parts.push({ one, shape });
    return shape !== null;
  }

  #addTakenApart(first: Definition): void {
    const known: Plain[] = [];
    const pending: Definition[] = [first];
    for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
      if (one !== first && this.#addShown(one)) continue;
      takeOneApart(one, false, pending, known, this.#unknown);
      for (let plain = known.pop(); plain !== undefined; plain = known.pop()) this.#parts.push(plain);
    }
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Whether all of them are sets. */
  get holdsSets(): boolean {
    return this.#parts.every((part) => !("term" in part) || ["attrs", "open", "unknown"].includes(part.term.kind));
  }

  /** Those that are evaluated. What is not is a set. */
  get evaluated(): readonly Plain[] {
    this.#evaluated ??= this.#parts.filter((part) => "term" in part);
    return this.#evaluated;
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

  /** Whether it is known without evaluating any of it that nothing is said of the attribute `name`. */
  isSilentOn(name: string): boolean {
    const { byName, others } = this.#indexed;
    return this.#unknown.length === 0 && others.length === 0 && !byName.has(name);
  }

  /** Whether all that is said of `set.name` is that it is a switch, which is off unless it is set; known without evaluating any of it. */
  isOff(set: string, name: string): boolean {
    const { byName, others } = this.#indexed;
    const [number, ...more] = byName.get(set) ?? [];
    const part = number === undefined || more.length > 0 ? undefined : this.#parts[number];
    if (!(part instanceof Shown) || this.#unknown.length > 0 || others.length > 0) return false;
    const names = part.names?.get(set);
    return names instanceof Map && names.get(name) === isOff && part.conditions.length === 0 && !part.conditional;
  }

  get #indexed(): Index {
    this.#index ??= indexOf(this.#parts);
    return this.#index;
  }

  /** What is said of the attribute `name`. */
  below(name: string): Definitions {
    const known: Definition[] = [];
    const unknown = this.#unknown.length === 0 ? [] : [...this.#unknown];
    for (const part of this.#having(name)) addBelow(part, name, known, unknown);
    return { known, unknown };
  }

  #having(name: string): readonly Part[] {
    const parts = this.#parts;
    this.#questions++;
    if (parts.length <= fewParts || this.#questions <= fewQuestions) return parts;
    const { byName, others } = this.#indexed;
    const own = byName.get(name) ?? [];
    const numbers = others.length === 0 ? own : [...own, ...others].sort((a, b) => a - b);
    return numbers.flatMap((number) => parts[number] ?? []);
  }
}

function addBelow(part: Part, name: string, known: Definition[], unknown: UnknownValue[]): void {
  if (part instanceof Shown) {
    const inner = part.names?.get(name);
    if (inner instanceof Told) known.push(withValue(part, inner.value));
    else if (inner !== undefined) known.push(new ShownBelow(part, name, inner));
  } else if ("shape" in part) {
    const found = part.shape.names.get(name);
    if (found !== undefined)
      for (const [index, inside] of found.entries())
        known.push(withValue(part.one, attribute(part.one.value, name, index, inside)));
  } else addBelowOne(part, name, known, unknown);
}

function withValue({ conditions, conditional, priority, order }: Definition, value: Thunk): Definition {
  return { value, conditions, conditional, priority, order, ahead: null };
}

function namesIn(part: Part): readonly string[] {
  if (part instanceof Shown) return [...(part.names?.keys() ?? [])];
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
  if (part instanceof Shown) return part.names?.keys() ?? null;
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
