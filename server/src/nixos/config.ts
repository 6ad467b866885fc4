import { apply } from "../nix/apply";
import {
  attrs,
  deeper,
  delay,
  force,
  forceRaw,
  member,
  type OpenSet,
  ready,
  resolved,
  type Term,
  type Thunk,
  unknown,
} from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import { below, type Definition, type Definitions, discharge, namesOf, takeApart } from "./definitions";
import { type Environment, merge } from "./merging";
import type { Declarations } from "./options";
import { Parts } from "./parts";
import { any } from "./types";

/** The value of everything at and below one place of the tree of options. */
export class Config {
  #children: Map<string, Config> | null = null;
  #parts: Parts | null = null;
  #value: Thunk | null = null;
  #set: OpenSet | null = null;

  constructor(
    private readonly path: readonly string[],
    private readonly definitions: () => Definitions,
    private readonly declared: Declarations,
    private readonly environment: Environment,
  ) {}

  /** What modules say of this place, for all that is below it. */
  get #said(): Parts {
    this.#parts ??= new Parts(this.definitions());
    return this.#parts;
  }

  /** What a name below this place stands for. */
  child(name: string): Config {
    // Most options have none.
    this.#children ??= new Map();
    let found = this.#children.get(name);
    if (found === undefined) {
      const definitions = () => this.#said.below(name);
      found = new Config([...this.path, name], definitions, this.declared.below(name), this.environment);
      this.#children.set(name, found);
    }
    return found;
  }

  /** The value as it is used: of an option what its definitions make, of anything above options an open set. */
  value(): Term {
    this.#value ??= delay(this.environment.call.at, () =>
      deeper(this.environment.call.run, () => this.#evaluate(), unknown),
    );
    return force(this.#value);
  }

  #evaluate(): Term {
    const aliased = this.environment.aliased(this.path);
    if (aliased !== null) return aliased;
    if (this.declared.isOption || this.declared.isNative) return this.#option();
    const said = this.#said;
    if (said.isEmpty && this.declared.names.length === 0) {
      const upstream = this.environment.upstream(this.path);
      if (upstream !== null) return upstream;
    }
    if (said.holdsSets) return { kind: "open", set: this.set };
    return merge(discharge(said.plain()), any, this.path, this.environment);
  }

  #option(): Term {
    const otherwise = this.declared.default(this.path);
    const { known, unknown: unknowns } = this.definitions();
    if (known.length === 0 && unknowns.length === 0 && otherwise !== null) {
      const plain = this.#plainDefault(otherwise);
      if (plain !== null) return plain;
    }
    const all = [...this.declared.within, ...known];
    const definitions = { known: otherwise === null ? all : [otherwise, ...all], unknown: unknowns };
    const merged = merge(discharge(takeApart(definitions, true)), this.declared.type, this.path, this.environment);
    const { apply: change } = this.declared;
    return change === null ? merged : apply(change, [ready(merged, this.environment.call.at)], this.environment.call);
  }

  /** The default of an option of one value that nothing sets, as most options are; null where there is more to it. */
  #plainDefault({ value }: Definition): Term | null {
    const { type, within, apply: change } = this.declared;
    if (type.kind !== "one" || within.length > 0 || change !== null) return null;
    const term = forceRaw(value);
    return plainKinds.has(term.kind) ? resolved(term) : null;
  }

  /** Whether something besides its default sets the option that is exactly here; null where that is not known. */
  get isDefined(): boolean | null {
    const { known, unknown: parts } = discharge(this.#said.plain());
    if (known.some((one) => !one.conditional)) return true;
    return known.length === 0 && parts.length === 0 ? false : null;
  }

  /** Everything below this place. */
  get set(): OpenSet {
    this.#set ??= {
      member: (name) => (this.environment.isWhole && this.#has(name) === false ? null : this.child(name).value()),
      has: (name) => this.#has(name),
      whole: () => this.#whole(),
      isOff: (set, name) => this.#said.isSilentOn(set) && this.declared.isOff(set, name),
    };
    return this.#set;
  }

  #has(name: string): boolean | null {
    const child = this.declared.below(name);
    if (child.isOption || (child.isNative && !child.isFree) || child.names.length > 0) return true;
    const { known, unknown: parts } = discharge(takeApart(this.#said.below(name), true));
    if (known.some((one) => !one.conditional)) return true;
    if (!this.environment.isWhole || known.length > 0 || parts.length > 0) return null;
    return this.environment.aliased([...this.path, name]) !== null;
  }

  #whole(): Term {
    const plain = discharge(this.#said.plain());
    const names = [...new Set([...this.declared.names, ...namesOf(plain)])];
    const { at } = this.environment.call;
    const elsewhere: UnknownValue = {
      kind: "unknown",
      reason: `\`config.${this.path.join(".")}\` is not all set in this repository`,
      span: at,
    };
    if (names.length === 0) return { ...unknown(elsewhere.reason.replace("all ", "")), lasting: true };
    const members = names.map((name) => {
      const { known } = discharge(takeApart(below(plain, name)));
      const doubtful = known.length > 0 && known.every((one) => one.conditional);
      return member(
        name,
        delay(at, () => this.child(name).value()),
        at,
        doubtful,
      );
    });
    return attrs(members, [...plain.unknown, ...(this.declared.names.length > 0 ? [] : [elsewhere])]);
  }
}

const plainKinds: ReadonlySet<Term["kind"]> = new Set(["bool", "string", "integer", "float", "path", "null"]);
