import type { Node } from "web-tree-sitter";
import type { Span } from "../syntax/span";
import { evaluate } from "./evaluate";
import { span } from "./nodes";
import { rootScope, type Scope } from "./scope";
import {
  type AttrsTerm,
  attrs,
  deeper,
  elementsOf,
  excerpt,
  force,
  type ListTerm,
  list,
  literalsOf,
  membersOf,
  type Run,
  shared,
  type Term,
  tooMuch,
  unknown,
  unwrap,
} from "./terms";
import type { Binding, ListElement, Value } from "./value";

/** Values that are copied out of names and computations, besides as many as the text can write. */
const maximumParts = 50_000;

/**
 * What an expression says, as plain data. `source` is the original text of the document, `scope` the names that the expression can use.
 * Never throws, and ends for any text; what is not understood is unknown.
 */
export function lower(node: Node | null, source: string, scope: Scope = rootScope(source)): Value {
  if (node === null) return { kind: "unknown", reason: "the expression is missing", span: { start: 0, end: 0 } };
  return lowered(evaluate(node, scope), span(node), scope.run);
}

function lowered(term: Term, at: Span, run: Run): Value {
  run.parts++;
  if (run.parts > maximumParts + run.source.length) return { ...tooMuch, span: at };
  return deeper(
    run,
    () => plain(term, at, run),
    (reason) => ({ ...unknown(reason), span: at }),
  );
}

function plain(term: Term, at: Span, run: Run): Value {
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
    case "library":
      return { kind: "unknown", reason: `${excerpt(run.source, at)} is not resolved`, span: at };
    case "maybe":
      return lowered(unwrap(term), at, run);
    case "absent":
      return lowered(emptied(unwrap(force(term.value))), at, run);
    case "unknown":
      return { kind: "unknown", reason: term.reason, span: at };
  }
}

/** What is left of a definition that is switched off. */
function emptied(term: Term): Term {
  if (term.kind === "list") return list([]);
  return term.kind === "attrs" ? attrs([]) : unknown("it is switched off");
}

function listOf(term: ListTerm, at: Span, run: Run): Value {
  const elements = elementsOf(term).flatMap((element): ListElement[] => {
    let value = force(element.value);
    let { conditional } = element;
    while (value.kind === "maybe") {
      conditional = true;
      value = value.value;
    }
    if (value.kind === "absent") return [];
    const plainValue = lowered(value, element.span, run);
    return [{ value: plainValue, conditional, ...(element.written ? {} : { shared: true }) }];
  });
  return { kind: "list", elements, literals: literalsOf(term), unknown: term.unknown, span: at };
}

function attrsOf(term: AttrsTerm, at: Span, run: Run): Value {
  const bindings = membersOf(term).flatMap((member): Binding[] => {
    const value = force(member.value);
    if (value.kind === "absent") return [];
    const plainValue = lowered(member.shared ? shared(value) : value, member.value.span, run);
    const { path, span: whole, conditional } = member;
    return [{ path, value: plainValue, span: whole, conditional, ...(member.shared ? { shared: true } : {}) }];
  });
  const { recursive, unknown: parts } = term;
  return { kind: "attrs", bindings, recursive, literals: literalsOf(term), unknown: parts, span: at };
}
