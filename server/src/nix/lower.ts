import type { Node } from "../syntax/node";
import type { Span } from "../syntax/span";
import { evaluate } from "./evaluate";
import { type Place, span } from "./nodes";
import { rootScope, type Scope } from "./scope";
import {
  type AttrsTerm,
  attrs,
  deeper,
  type Element,
  elementsOf,
  excerpt,
  force,
  type ListTerm,
  list,
  literalsOf,
  membersOf,
  type Run,
  settled,
  shared,
  type Term,
  tooMuch,
  unknown,
  unwrap,
} from "./terms";
import type { Binding, ListElement, UnknownValue, Value } from "./value";

/** Values that are copied out of names and computations, besides as many as the text can write. */
const maximumParts = 50_000;

/** A run, and whether sets that are worked out attribute by attribute are written out: `config` and the inputs of a flake are large. */
interface Lowering extends Run {
  readonly expands: boolean;
}

/**
 * What an expression says, as plain data. `source` is the original text of the document, `scope` the names that the expression can use.
 * Never throws, and ends for any text; what is not understood is unknown.
 */
export function lower(node: Node | null, source: string, scope: Scope = rootScope(source)): Value {
  return lowerNode(node, scope, false);
}

/** The same, with options of the configuration and the like written out where the expression leads to a set of them. */
export function lowerWhole(node: Node | null, scope: Scope): Value {
  return lowerNode(node, scope, true);
}

function lowerNode(node: Node | null, scope: Scope, expands: boolean): Value {
  if (node === null) return { kind: "unknown", reason: "the expression is missing", span: { start: 0, end: 0 } };
  const run = { ...scope.run, expands };
  const place = span(node);
  return lowered(evaluate(node, scope), spanIn(place, place, run), run);
}

/** What a term says, as seen from a text of its own: all it says is written elsewhere. */
export function lowerTerm(term: Term, run: Run): Value {
  return lowered(term, { start: 0, end: 0 }, { ...run, expands: true });
}

function lowered(term: Term, at: Span, run: Lowering): Value {
  run.effort.parts++;
  if (run.effort.parts > maximumParts + run.source.length) return { ...tooMuch, span: at };
  return deeper(
    run,
    () => plain(term, at, run),
    (reason) => ({ ...unknown(reason), span: at }),
  );
}

function plain(wrapped: Term, at: Span, run: Lowering): Value {
  const term = settled(wrapped);
  switch (term.kind) {
    case "string":
      return { kind: "string", text: term.text, span: at, ...(term.resolved ? { certainty: "resolved" } : {}) };
    case "integer":
    case "float":
    case "path":
      return { kind: term.kind, text: term.text, span: at };
    case "bool":
      return { kind: "bool", value: term.value, span: at };
    case "null":
      return { kind: "null", span: at };
    case "list":
      return listOf(term, at, run);
    case "attrs":
      return attrsOf(term, at, run);
    case "lambda":
    case "builtin":
      return { kind: "function", span: at };
    case "open":
      if (!run.expands) return { kind: "unknown", reason: "it is a set of options", span: at };
      return lowered(unwrap(term), at, run);
    case "maybe":
      return lowered(unwrap(term), at, run);
    case "absent":
      return lowered(emptied(unwrap(force(term.value))), at, run);
    case "unknown":
      return { kind: "unknown", reason: term.reason, span: at };
    default:
      return { kind: "unknown", reason: `${excerpt(run.source, at)} is not resolved`, span: at };
  }
}

/** The span of a place of this text; what is written in another text stands where it is used. */
function spanIn(place: Place, at: Span, run: Lowering): Span {
  if (place.source === undefined && run.origin === null) return place;
  return isOwn(place, run) ? { start: place.start, end: place.end } : at;
}

function isOwn(place: Place, { origin }: Lowering): boolean {
  return (place.source ?? null) === origin;
}

/** What is left of a definition that is switched off. */
function emptied(term: Term): Term {
  if (term.kind === "list") return list([]);
  return term.kind === "attrs" ? attrs([]) : unknown("it is switched off");
}

function listOf(term: ListTerm, at: Span, run: Lowering): Value {
  const elements = elementsOf(term).flatMap((element): ListElement[] => {
    let value = force(element.value);
    let { conditional } = element;
    while (value.kind === "maybe") {
      conditional = true;
      value = value.value;
    }
    if (value.kind === "absent") return [];
    const place = run.world === null ? element.span : placeOf(element, value);
    const own = isOwn(place, run);
    const plainValue = lowered(value, spanIn(place, at, run), run);
    const { source, start, end } = place;
    return [
      {
        value: plainValue,
        conditional,
        ...(element.written && own ? {} : { shared: true }),
        ...(own || source === undefined ? {} : { origin: { file: source.file, span: { start, end } } }),
      },
    ];
  });
  return { kind: "list", elements, literals: ownSpans(term, run), unknown: unknownsOf(term, at, run), span: at };
}

/** Where an element is written: of one that went through functions, where its text is. */
function placeOf({ written, span: place }: Element, value: Term): Place {
  if (written) return place;
  if (value.kind === "string") return value.place ?? place;
  if (value.kind !== "attrs") return place;
  const [only, ...others] = value.members;
  // A set that a path alone stands for.
  const path = only === undefined || others.length > 0 ? null : force(only.value);
  return value.literals[0] ?? (path?.kind === "string" ? path.place : undefined) ?? place;
}

function ownSpans(term: ListTerm | AttrsTerm, run: Lowering): readonly Span[] {
  const literals = literalsOf(term);
  return run.origin === null ? literals : literals.filter((one) => isOwn(one, run)).map((one) => spanIn(one, one, run));
}

function unknownsOf(term: ListTerm | AttrsTerm, at: Span, run: Lowering): readonly UnknownValue[] {
  if (run.origin === null) return term.unknown;
  return term.unknown.map((part) => ({ ...part, span: spanIn(part.span, at, run) }));
}

function attrsOf(term: AttrsTerm, at: Span, run: Lowering): Value {
  const bindings = membersOf(term).flatMap((member): Binding[] => {
    const value = force(member.value);
    if (value.kind === "absent") return [];
    const inside = spanIn(member.value.span, at, run);
    const plainValue = lowered(member.shared ? shared(value) : value, inside, run);
    const own = isOwn(member.span, run);
    const path = member.path.map(({ name, span: place, quoted }) => ({ name, span: spanIn(place, at, run), quoted }));
    const { span: whole, conditional } = member;
    const isShared = member.shared || !own;
    return [
      { path, value: plainValue, span: spanIn(whole, at, run), conditional, ...(isShared ? { shared: true } : {}) },
    ];
  });
  const { recursive } = term;
  return {
    kind: "attrs",
    bindings,
    recursive,
    literals: ownSpans(term, run),
    unknown: unknownsOf(term, at, run),
    span: at,
  };
}
