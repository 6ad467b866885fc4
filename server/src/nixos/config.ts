import { apply } from "../nix/apply";
import { equal } from "../nix/compare";
import { concatenate } from "../nix/lists";
import {
  attrs,
  bool,
  type Call,
  conditional,
  deeper,
  delay,
  type Element,
  force,
  forceRaw,
  list,
  made,
  member,
  type OpenSet,
  ready,
  resolved,
  string,
  type Term,
  type Thunk,
  unknown,
  unwrap,
} from "../nix/terms";
import type { UnknownValue } from "../nix/value";
import {
  below,
  type Definition,
  type Definitions,
  definition,
  discharge,
  namesOf,
  type Plain,
  type PlainDefinitions,
  takeApart,
} from "./definitions";
import type { Declarations } from "./options";
import { Parts } from "./parts";
import { any, isOfType, type OptionType } from "./types";

/** What evaluating options needs besides the modules. */
export interface Environment {
  readonly call: Call;
  /** Whether all options that there are, are known: those of a submodule. */
  readonly isWhole: boolean;
  /** What an option that is another name of one gives (`mkAliasOptionModule`); null for all others. */
  readonly aliased: (path: readonly string[]) => Term | null;
  /** The default of an option of nixpkgs that the project does not declare; null where it is not known. */
  readonly upstream: (path: readonly string[]) => Term | null;
  /** The configuration that the modules of an option's type make together with its definitions. */
  readonly submodule: (type: SubmoduleType, definitions: readonly Definition[], path: readonly string[]) => Term;
}

export type SubmoduleType = Extract<OptionType, { kind: "submodule" | "home" | "flake" }>;

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

/** What the definitions of one option make together. */
export function merge(
  { known, unknown: unknowns }: PlainDefinitions,
  type: OptionType,
  path: readonly string[],
  environment: Environment,
): Term {
  switch (type.kind) {
    case "coerced": {
      const changed = known.map((one) => (isOfType(one.term, type.from) ? coerced(one, type.by, environment) : one));
      return merge({ known: changed, unknown: unknowns }, type.to, path, environment);
    }
    case "list":
      return mergeLists({ known, unknown: unknowns }, type.of, path, environment);
    case "attrs":
    case "options":
      return mergeSets({ known, unknown: unknowns }, type, path, environment);
    case "submodule":
    case "home":
    case "flake": {
      if (known.some(({ term }) => term.kind === "null")) return { kind: "null" };
      return environment.submodule(type, known, path);
    }
    case "deferred": {
      const imports = list(
        known.map((one) => made(one.value, one.value.span, one.conditional)),
        unknowns,
      );
      return attrs([member("imports", ready(imports, environment.call.at), environment.call.at)]);
    }
    case "switch":
      if (known.length === 0 && unknowns.length === 0) return bool(false);
      return single({ known, unknown: unknowns }, path, environment);
    case "text":
      return joinedText({ known, unknown: unknowns }, type.between, path, environment);
    case "entry":
    case "one":
      return single({ known, unknown: unknowns }, path, environment);
    case "any":
    case "tree":
      return mergeAny({ known, unknown: unknowns }, path, environment);
  }
}

function coerced(one: Plain, by: Thunk, { call }: Environment): Plain {
  const value = delay(one.value.span, () => apply(by, [one.value], call));
  return { ...one, value, term: force(value) };
}

function joinedText(plain: PlainDefinitions, between: string, path: readonly string[], environment: Environment): Term {
  const known = inOrder(plain.known);
  const texts = known.flatMap(({ term, conditional: doubtful }) =>
    term.kind === "string" && !doubtful ? [term.text] : [],
  );
  if (known.length < 2 || texts.length < known.length || plain.unknown.length > 0)
    return single(plain, path, environment);
  return string(texts.join(between));
}

/** `mkBefore` comes first, `mkAfter` last. */
function inOrder(known: readonly Plain[]): Plain[] {
  return known
    .map((one, index) => ({ one, index, order: one.order ?? 1000 }))
    .sort((a, b) => a.order - b.order || a.index - b.index)
    .map(({ one }) => one);
}

/** An entry that is written as its path alone, as the set it stands for. */
function entryOf(element: Element, name: string): Element {
  const value = delay(element.span, () => {
    const term = force(element.value);
    return term.kind === "string" ? attrs([member(name, ready(term, element.span), element.span)]) : term;
  });
  return { ...element, value };
}

function mergeLists(
  { known, unknown: unknowns }: PlainDefinitions,
  of: OptionType,
  path: readonly string[],
  environment: Environment,
): Term {
  if (known.length === 1 && known[0]?.term.kind === "null") return { kind: "null" };
  const parts = inOrder(known).map((one) => {
    const term = unwrap(one.term);
    return { term: resolved(one.conditional ? conditional(term) : term), span: one.value.span };
  });
  const whole = concatenate(parts, environment.call.run);
  if (whole.kind !== "list") return whole;
  const elements =
    of.kind === "submodule" || of.kind === "coerced"
      ? whole.elements.map((element) => {
          const value = delay(element.span, () => {
            const term = force(element.value);
            const known = [{ ...bare(element.value), term }];
            return merge({ known, unknown: [] }, of, path, environment);
          });
          return made(value, element.span, element.conditional);
        })
      : of.kind === "entry"
        ? whole.elements.map((element) => entryOf(element, of.name))
        : whole.elements;
  return { ...whole, elements, unknown: [...whole.unknown, ...unknowns] };
}

function bare(value: Thunk): Definition {
  return definition(value);
}

function mergeSets(
  definitions: PlainDefinitions,
  type: Extract<OptionType, { kind: "attrs" | "options" }>,
  path: readonly string[],
  environment: Environment,
): Term {
  // Options of a set are a submodule, whose definitions are modules: they are merged last first.
  const plain = type.kind === "attrs" ? definitions : { ...definitions, known: [...definitions.known].reverse() };
  if (plain.known.length === 1 && plain.known[0]?.term.kind === "null") return { kind: "null" };
  const values = new Map<string, Thunk>();
  const at = environment.call.at;
  const attributeOf = (name: string): Thunk => {
    let found = values.get(name);
    if (found === undefined) {
      found = delay(at, () =>
        deeper(
          environment.call.run,
          () =>
            type.kind === "attrs"
              ? merge(there(name), type.of, [...path, name], environment)
              : optionIn(plain, type, [...path, name], environment),
          unknown,
        ),
      );
      values.set(name, found);
    }
    return found;
  };
  const options = type.kind === "options" ? [...type.options.keys()] : [];
  const definitionsOf = new Map<string, PlainDefinitions>();
  const there = (name: string): PlainDefinitions => {
    let found = definitionsOf.get(name);
    if (found === undefined) {
      found = discharge(takeApart(below(plain, name)));
      definitionsOf.set(name, found);
    }
    return found;
  };
  const set: OpenSet = {
    has: (name) => {
      if (options.includes(name)) return true;
      const { known, unknown: parts } = there(name);
      if (known.some((one) => !one.conditional)) return true;
      return known.length === 0 && parts.length === 0 ? false : null;
    },
    member: (name) => {
      if (set.has(name) === false && type.kind === "attrs") return null;
      return force(attributeOf(name));
    },
    whole: () => {
      const names = [...new Set([...options, ...namesOf(plain)])].sort();
      const members = names.flatMap((name) => {
        const { known, unknown: parts } = there(name);
        const isUnknown = known.length === 0 && parts.length > plain.unknown.length;
        if (known.length === 0 && !isUnknown && !options.includes(name)) return [];
        const doubtful = isUnknown || (known.length > 0 && known.every((one) => one.conditional));
        return [member(name, attributeOf(name), known[0]?.value.span ?? at, doubtful && type.kind === "attrs")];
      });
      return attrs(members, plain.unknown);
    },
  };
  return { kind: "open", set };
}

/** One of the options of a merged set. */
function optionIn(
  plain: PlainDefinitions,
  type: Extract<OptionType, { kind: "options" }>,
  path: readonly string[],
  environment: Environment,
): Term {
  const name = path[path.length - 1] ?? "";
  const definitions = below(plain, name);
  const option = type.options.get(name);
  const term = option?.default?.(path) ?? null;
  const otherwise = term === null ? [] : [{ ...bare(ready(term, environment.call.at)), priority: 1500 }];
  const known = [...otherwise, ...definitions.known];
  const isValue = option === undefined || option.type.kind === "one" || option.type.kind === "any";
  if (known.length === 0 && definitions.unknown.length === 0 && isValue) {
    const upstream = environment.upstream(path);
    return upstream ?? { ...unknown(`\`config.${path.join(".")}\` is not set in this repository`), lasting: true };
  }
  const all = discharge(takeApart({ known, unknown: definitions.unknown }));
  return merge(all, option?.type ?? any, path, environment);
}

function single(plain: PlainDefinitions, path: readonly string[], { call, upstream }: Environment): Term {
  const [first, ...others] = plain.known;
  if (first === undefined) {
    const [why] = plain.unknown;
    // What is set under a condition that does not hold is not set.
    const otherwise = why === undefined ? upstream(path) : null;
    if (otherwise !== null) return otherwise;
    const reason = why?.reason ?? `\`config.${path.join(".")}\` is not set in this repository`;
    return { ...unknown(reason), lasting: true };
  }
  const same = others.every((other) => equal(first.term, other.term, call.run) === true);
  if (others.length > 0 && !same)
    return unknown(
      plain.known.some((one) => one.conditional) ? "it depends on a condition" : "it is given more than once",
    );
  if (first.conditional && !others.some((other) => !other.conditional)) return unknown("it depends on a condition");
  return resolved(first.term);
}

function mergeAny(plain: PlainDefinitions, path: readonly string[], environment: Environment): Term {
  const { known } = plain;
  if (known.length > 0 && known.every(({ term }) => term.kind === "attrs" || term.kind === "open"))
    return known.length === 1 && known[0] !== undefined && !known[0].conditional && plain.unknown.length === 0
      ? known[0].term
      : mergeSets(plain, { kind: "attrs", of: any }, path, environment);
  if (known.length > 0 && known.every(({ term }) => term.kind === "list"))
    return mergeLists(plain, any, path, environment);
  return single(plain, path, environment);
}
