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
import {
  below,
  type Definition,
  definition,
  discharge,
  namesOf,
  type Plain,
  type PlainDefinitions,
  takeApart,
} from "./definitions";
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
