import type { Node } from "../syntax/node";
import type { Span } from "../syntax/span";
import type { Place, Source } from "./nodes";
import type { Scope } from "./scope";
import type { Shape } from "./shape";
import type { AttrName, UnknownValue } from "./value";
import type { World } from "./world";

/** What an expression evaluates to while a file is read; lists and sets hold their parts unevaluated. Only `lower` turns it into a Value. */
export type Term =
  | StringTerm
  | PathTerm
  | IntegerTerm
  | { readonly kind: "float"; readonly text: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "null" }
  | ListTerm
  | AttrsTerm
  | { readonly kind: "lambda"; readonly node: Node; readonly scope: Scope }
  | { readonly kind: "builtin"; readonly builtin: Builtin; readonly given: readonly Thunk[] }
  /** nixpkgs' `lib`, one of its parts (`lib.lists`, with `types` `lib.types`), or `builtins`. */
  | { readonly kind: "library"; readonly builtins: boolean; readonly types?: true }
  /** Only there under a condition that is not known: `mkIf c x`. */
  | { readonly kind: "maybe"; readonly value: Term }
  /** Not there: `mkIf false x`; `value` is what would be. */
  | { readonly kind: "absent"; readonly value: Thunk }
  /** A set that is worked out attribute by attribute, such as `config`. */
  | { readonly kind: "open"; readonly set: OpenSet }
  | Definition
  /** `mkOption { … }` */
  | { readonly kind: "option"; readonly set: Thunk }
  /** `types.listOf types.str` */
  | { readonly kind: "type"; readonly name: string; readonly given: readonly Thunk[] }
  /** `mkAliasOptionModule from to`: a module. */
  | { readonly kind: "alias"; readonly from: readonly string[]; readonly to: readonly string[] }
  | UnknownTerm;

/**
 * What only the module system understands: `mkIf`, `mkMerge` and priorities. `forceRaw` gives them, `force` sees through them:
 * the condition of a module must not be asked before the options it sets are known, for it may depend on other options of the same module.
 */
export type Definition =
  | { readonly kind: "when"; readonly condition: Thunk; readonly value: Thunk; readonly settled: Thunk }
  | { readonly kind: "merge"; readonly from: Thunk; readonly settled: Thunk; readonly run: Run }
  /** `mkForce`, `mkDefault` and so on have a priority, `mkBefore` and `mkAfter` an order; null where it has none. */
  | {
      readonly kind: "marked";
      readonly priority: number | null;
      readonly order: number | null;
      readonly value: Thunk;
    };

export interface OpenSet {
  /** The attribute `name`; null where there surely is none. */
  readonly member: (name: string) => Term | null;
  /** Whether there is an attribute `name`; null where that is not known. */
  readonly has: (name: string) => boolean | null;
  /** All of it at once: a set, a list, or whatever it turns out to be; never open again. */
  readonly whole: () => Term;
  /** Whether the option `name` of the set `set` in it is off, where that shows without evaluating it; false says nothing. */
  readonly isOff?: (set: string, name: string) => boolean;
}

/** A path as written; `base` is the absolute folder a relative one counts from, where the file it is written in is known. */
export interface PathTerm {
  readonly kind: "path";
  readonly text: string;
  readonly base?: string;
}

export interface StringTerm {
  readonly kind: "string";
  readonly text: string;
  /** True when it took a name or a computation to get it. */
  readonly resolved: boolean;
  /** Where it is written as it is; absent where it is computed. */
  readonly place?: Place;
}

export interface IntegerTerm {
  readonly kind: "integer";
  /** As written, else in decimal. */
  readonly text: string;
  readonly value: number;
}

export interface UnknownTerm {
  readonly kind: "unknown";
  readonly reason: string;
  /** True when the reason explains all that is taken from it, too: another file. */
  readonly lasting?: true;
  /** True for what is in another repository. */
  readonly foreign?: true;
  /** True for all arguments of a function together, or the only one. */
  readonly argument?: true;
  /** True for what is not looked at since it asks the same condition once more: it gives what the other branch gives. */
  readonly again?: true;
}

export interface ListTerm {
  readonly kind: "list";
  readonly elements: readonly Element[];
  readonly literals: readonly Place[];
  readonly unknown: readonly UnknownValue[];
  /** True when the text it is written in makes more than this one list. */
  readonly shared: boolean;
}

export interface Element {
  readonly value: Thunk;
  /** Where it is written. */
  readonly span: Place;
  readonly conditional: boolean;
  /** True when `span` is an element of a `[ … ]` that is this element and nothing else. */
  readonly written: boolean;
}

export interface AttrsTerm {
  readonly kind: "attrs";
  readonly members: readonly Member[];
  readonly recursive: boolean;
  readonly literals: readonly Place[];
  readonly unknown: readonly UnknownValue[];
  readonly shared: boolean;
}

export interface Member {
  readonly path: readonly AttrName[];
  readonly value: Thunk;
  readonly span: Place;
  readonly conditional: boolean;
  readonly shared: boolean;
}

/** A function of `builtins` or `lib`. `run` gets as many arguments as `arity` says; null where the result is not known. */
export interface Builtin {
  readonly arity: number;
  readonly run: (given: readonly Thunk[], call: Call) => Term | null;
}

/** Where and for what a builtin runs. */
export interface Call {
  readonly run: Run;
  readonly at: Place;
}

/** The work on one file: its text, and what is left of the effort it may take. */
export interface Run {
  /** The original text. */
  readonly source: string;
  /** Which text it is; null where it stands for itself. */
  readonly origin: Source | null;
  /** The files around it; null where the text is looked at alone. */
  readonly world: World | null;
  readonly effort: Effort;
}

/** What a piece of work has used of the effort it may take. */
export interface Effort {
  /** Steps it may take beyond one look at each expression of the texts. */
  readonly maximumSteps: number;
  depth: number;
  steps: number;
  parts: number;
  scanned: number;
  /** Conditions that are not known and whose branches are being looked at. */
  readonly undecided: Node[];
}

/** An expression that is evaluated when it is asked for, and only once. */
export interface Thunk {
  state: Term | (() => Term) | null;
  readonly span: Place;
  /** The expression, or the names it is known to have, before it is evaluated. */
  readonly written?: Node | Shape | null;
}

const maximumSteps = 100_000;
const maximumDepth = 220;
/** Longer strings than any configuration computes. */
export const maximumLength = 50_000;

export function newEffort(maximum = maximumSteps): Effort {
  return { maximumSteps: maximum, depth: 0, steps: 0, parts: 0, scanned: 0, undecided: [] };
}

export function newRun(source: string): Run {
  return { source, origin: null, world: null, effort: newEffort() };
}

/** Takes `count` steps of what is left; false when the file has had its share. */
export function spend({ effort }: Run, count: number): boolean {
  // What is refused takes all there is, and no more.
  effort.steps = Math.min(effort.steps + count, effort.maximumSteps + 1);
  return effort.steps <= effort.maximumSteps;
}

/** Whether putting `size` parts together is within what is left. The text is as long as what it writes; only names can lead to more. */
export function affords(run: Run, size: number): boolean {
  return size <= 1000 || spend(run, size);
}

/** Whether making a text of `length` characters is within what is left: long ones take memory. */
export function affordsText(run: Run, length: number): boolean {
  return length <= 1000 || spend(run, Math.ceil(length / 50));
}

export const tooMuch = unknown("it takes too long to work out");

/** Runs `work` one level deeper, unless that is deeper than the stack may get. */
export function deeper<T>({ effort }: Run, work: () => T, otherwise: (reason: string) => T): T {
  if (effort.depth >= maximumDepth) return otherwise("the expression is nested too deeply");
  effort.depth++;
  try {
    return work();
  } finally {
    effort.depth--;
  }
}

export function delay(span: Place, work: () => Term, written: Node | Shape | null = null): Thunk {
  return { state: work, span, written };
}

export function ready(term: Term, span: Place): Thunk {
  return { state: term, span, written: null };
}

/** The value, seen through `mkIf` and the like. */
export function force(thunk: Thunk): Term {
  return settled(forceRaw(thunk));
}

/** A definition as a value: what a known condition leaves of it, what `mkMerge` joins. */
export function settled(term: Term): Term {
  let at = term;
  for (let turn = 0; isDefinition(at); turn++) {
    if (turn > maximumNested) return unknown("it refers to itself");
    at = forceRaw(at.kind === "marked" ? at.value : at.settled);
  }
  return at;
}

/** `mkIf`, `mkMerge` and priorities in one another; `let x = mkForce x; in x` has no end. */
export const maximumNested = 100;

export function isDefinition(term: Term): term is Definition {
  return term.kind === "when" || term.kind === "merge" || term.kind === "marked";
}

/** The value as the module system sees it. */
export function forceRaw(thunk: Thunk): Term {
  const { state } = thunk;
  if (state === null) return unknown("it refers to itself");
  if (typeof state !== "function") return state;
  thunk.state = null;
  const term = state();
  thunk.state = term;
  return term;
}

export function unknown(reason: string): UnknownTerm {
  return { kind: "unknown", reason };
}

/** What is not known as a part of something that is. */
export function unknownPart({ reason, foreign }: UnknownTerm, span: Place): UnknownValue {
  return { kind: "unknown", reason, span, ...(foreign === true ? { foreign } : {}) };
}

/** The text of an expression, for reasons. */
export function excerpt(source: string, at: Span): string {
  const text = source.slice(at.start, Math.min(at.end, at.start + 60)).replace(/\s+/g, " ");
  return `\`${at.end - at.start > 60 ? `${text}…` : text}\``;
}

export function unresolved(source: string, at: Span): UnknownTerm {
  return unknown(`${excerpt(source, at)} is not resolved`);
}

export function string(text: string): StringTerm | UnknownTerm {
  return text.length > maximumLength ? tooMuch : { kind: "string", text, resolved: true };
}

export function bool(value: boolean): Term {
  return { kind: "bool", value };
}

/** Null where JavaScript's numbers cannot hold it. */
export function integer(value: number): Term | null {
  return Number.isSafeInteger(value) ? { kind: "integer", text: `${value}`, value } : null;
}

export function list(elements: readonly Element[], unknowns: readonly UnknownValue[] = []): ListTerm {
  return { kind: "list", elements, literals: [], unknown: unknowns, shared: false };
}

/** An element that some computation at `span` made. */
export function made(value: Thunk | Term, span: Place, conditional = false): Element {
  return { value: "kind" in value ? ready(value, span) : value, span, conditional, written: false };
}

/** True when all elements are there for sure, and there are no others. */
export function isWhole(term: ListTerm): boolean {
  if (term.unknown.length > 0) return false;
  let sure = sureLists.get(term.elements);
  if (sure === undefined) {
    sure = term.elements.every((element) => !element.conditional);
    sureLists.set(term.elements, sure);
  }
  return sure;
}

const sureLists = new WeakMap<readonly Element[], boolean>();

export function attrs(members: readonly Member[], unknowns: readonly UnknownValue[] = []): AttrsTerm {
  return { kind: "attrs", members, recursive: false, literals: [], unknown: unknowns, shared: false };
}

/** A member that some computation at `span` made. */
export function member(name: string, value: Thunk, span: Place, conditional = false): Member {
  return { path: [{ name, span, quoted: false }], value, span, conditional, shared: true };
}

/** The term as it is when a name or a computation led to it. */
export function resolved(term: Term): Term {
  return term.kind === "string" && !term.resolved ? { ...term, resolved: true } : term;
}

/** The term as it is when its text makes more than one value. */
export function shared(term: Term): Term {
  if (term.kind === "list" || term.kind === "attrs") return term.shared ? term : { ...term, shared: true };
  if (isDefinition(term)) return sharedDefinition(term);
  return term.kind === "maybe" ? { ...term, value: shared(term.value) } : term;
}

function sharedDefinition(term: Definition): Definition {
  const later = (thunk: Thunk): Thunk => delay(thunk.span, () => shared(forceRaw(thunk)));
  if (term.kind === "marked") return { ...term, value: later(term.value) };
  if (term.kind === "merge") return { ...term, from: later(term.from), settled: later(term.settled) };
  return { ...term, value: later(term.value), settled: later(term.settled) };
}

/** Remembers what becomes of all parts of a list or set: a name may be used often, and it may be long. */
function eachOnce<T extends object>(of: (part: T) => T): (parts: readonly T[]) => readonly T[] {
  const known = new WeakMap<readonly T[], readonly T[]>();
  return (parts) => {
    let made = known.get(parts);
    if (made === undefined) {
      made = parts.map(of);
      known.set(parts, made);
    }
    return made;
  };
}

const unwritten = eachOnce<Element>((element) => ({ ...element, written: false }));
const sharing = eachOnce<Member>((one) => ({ ...one, shared: true }));
const doubtfulElements = eachOnce<Element>(underCondition);
const doubtfulMembers = eachOnce<Member>(underCondition);

export function elementsOf(term: ListTerm): readonly Element[] {
  return term.shared ? unwritten(term.elements) : term.elements;
}

export function membersOf(term: AttrsTerm): readonly Member[] {
  return term.shared ? sharing(term.members) : term.members;
}

export function literalsOf(term: ListTerm | AttrsTerm): readonly Place[] {
  return term.shared ? [] : term.literals;
}

/** The list or set as it is when it is there only under a condition. An edit must not land in it. */
export function conditional(term: Term): Term {
  if (term.kind === "list") return { ...term, literals: [], elements: doubtfulElements(term.elements) };
  if (term.kind === "attrs") return { ...term, literals: [], members: doubtfulMembers(term.members) };
  return term;
}

export function underCondition<T extends { readonly conditional: boolean }>(part: T): T {
  return { ...part, conditional: true };
}

/** `mkIf` seen through: what is there under a condition has conditional parts. What is worked out part by part is worked out. */
export function unwrap(wrapped: Term): Term {
  const term = settled(wrapped);
  if (term.kind === "open") return term.set.whole();
  return term.kind === "maybe" ? conditional(unwrap(term.value)) : term;
}
