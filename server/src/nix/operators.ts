import type { Node } from "../syntax/node";
import type { Span } from "../syntax/span";
import { apply } from "./apply";
import { update } from "./attrs";
import { compare, equal } from "./compare";
import { evaluate } from "./evaluate";
import { isPartlyKnown, layered } from "./layers";
import { concatenate } from "./lists";
import { child, span } from "./nodes";
import type { Scope } from "./scope";
import { select } from "./select";
import {
  type AttrsTerm,
  affordsText,
  attrs,
  bool,
  delay,
  force,
  integer,
  type Run,
  string,
  type Term,
  tooMuch,
  unknown,
  unknownPart,
  unresolved,
  unwrap,
} from "./terms";
import { absolute, pathOf } from "./text";

/** `a + b`, `a ++ b`, `a // b`, `a && b`, `a == b`, `a |> f` and so on. */
export function evaluateBinary(node: Node, scope: Scope): Term {
  const operator = child(node, "operator");
  const symbol = operator === null ? "" : scope.run.source.slice(operator.startIndex, operator.endIndex);
  const found = operator?.type === "->" ? pipeOrImplication(node, scope) : binary(symbol, node, scope);
  return found ?? unresolved(scope.run.source, span(node));
}

function binary(symbol: string, node: Node, scope: Scope): Term | null {
  const [leftNode, rightNode] = [child(node, "left"), child(node, "right")];
  const left = evaluate(leftNode, scope);
  const right = (): Term => evaluate(rightNode, scope);
  switch (symbol) {
    case "&&":
      return logic(left, right, false);
    case "||":
      return logic(left, right, true);
    case "++":
      return concatenate(
        [
          { term: left, span: span(leftNode ?? node) },
          { term: right(), span: span(rightNode ?? node) },
        ],
        scope.run,
      );
    case "//":
      return updated(
        { term: left, span: span(leftNode ?? node) },
        { term: right(), span: span(rightNode ?? node) },
        scope.run,
      );
    case "+":
      return add(left, right(), scope.run);
    case "-":
    case "*":
    case "/":
      return arithmetic(symbol, left, right());
    case "==":
    case "!=": {
      const same = equal(left, right(), scope.run);
      return same === null ? null : bool(same === (symbol === "=="));
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return ordered(symbol, left, right());
    default:
      return null;
  }
}

/** `false && x` is false and `true || x` is true, whatever `x` is; and `x && false` is false in any configuration that builds. */
function logic(left: Term, right: () => Term, decisive: boolean): Term | null {
  if (left.kind === "bool" && left.value === decisive) return left;
  const other = right();
  if (other.kind !== "bool") return null;
  return left.kind === "bool" || other.value === decisive ? other : null;
}

interface Operand {
  readonly term: Term;
  readonly span: Span;
}

function updated(left: Operand, right: Operand, run: Run): Term | null {
  if (isPartlyKnown(left.term) || isPartlyKnown(right.term)) return layered(right.term, left.term, run);
  const [a, b] = [setOf(left), setOf(right)];
  if (a === null || b === null || (left.term.kind === "unknown" && right.term.kind === "unknown")) return null;
  return update(a, b, run);
}

/** A set that is not known has members that are not known. */
function setOf({ term: wrapped, span: at }: Operand): AttrsTerm | null {
  const term = unwrap(wrapped);
  if (term.kind === "attrs") return term;
  if (term.kind !== "unknown") return null;
  return attrs([], [unknownPart(term, at)]);
}

function add(left: Term, right: Term, run: Run): Term | null {
  if (left.kind === "string" && right.kind === "string") {
    const text = left.text + right.text;
    return affordsText(run, text.length) ? string(text) : tooMuch;
  }
  if (left.kind === "path" && right.kind === "string")
    return pathOf(left.text + right.text, left.base === undefined ? {} : { base: left.base });
  if (right.kind === "string" && (left.kind === "open" || left.kind === "attrs")) {
    const out = select(left, "outPath", run);
    // Nix gives the place in the store that the path is copied to, with the same below it.
    return out?.kind === "string" || out?.kind === "path" ? add(out, right, run) : null;
  }
  if (right.kind === "path" && (left.kind === "open" || left.kind === "attrs")) {
    const [out, path] = [select(left, "outPath", run), absolute(right)];
    return out?.kind === "string" && path !== null ? string(out.text + path) : null;
  }
  return arithmetic("+", left, right);
}

function arithmetic(symbol: string, left: Term, right: Term): Term | null {
  if (left.kind !== "integer" || right.kind !== "integer") return null;
  const [a, b] = [left.value, right.value];
  if (symbol === "+") return integer(a + b);
  if (symbol === "-") return integer(a - b);
  if (symbol === "*") return integer(a * b);
  return b === 0 ? unknown("it divides by zero") : integer(Math.trunc(a / b));
}

function ordered(symbol: string, left: Term, right: Term): Term | null {
  const order = compare(left, right);
  if (order === null) return null;
  if (symbol === "<") return bool(order < 0);
  if (symbol === "<=") return bool(order <= 0);
  return bool(symbol === ">" ? order > 0 : order >= 0);
}

export function evaluateUnary(node: Node, scope: Scope): Term {
  const term = evaluate(child(node, "argument"), scope);
  const operator = child(node, "operator")?.type;
  if (operator === "!" && term.kind === "bool") return bool(!term.value);
  const negative = operator === "-" && term.kind === "integer" ? integer(0 - term.value) : null;
  return negative ?? unresolved(scope.run.source, span(node));
}

/**
 * The grammar knows no pipe operators: the parser sees `->` in their place, and the text tells which it is.
 * Pipes bind less than anything, so a chain of all three falls into implications between pipes.
 */
function pipeOrImplication(node: Node, scope: Scope): Term | null {
  const operands: Node[] = [];
  const symbols: string[] = [];
  let at: Node | null = node;
  for (; at?.type === "binary_expression" && child(at, "operator")?.type === "->"; at = child(at, "right")) {
    const [left, operator] = [child(at, "left"), child(at, "operator")];
    if (left === null || operator === null) return null;
    operands.push(left);
    symbols.push(scope.run.source.slice(operator.startIndex, operator.endIndex));
  }
  if (at === null) return null;
  operands.push(at);
  const pipes = new Set(symbols.filter((symbol) => symbol !== "->"));
  if (pipes.size > 1) return null; // Nix refuses both in one chain
  const groups: Node[][] = [[]];
  for (const [index, operand] of operands.entries()) {
    groups[groups.length - 1]?.push(operand);
    if (symbols[index] !== undefined && symbols[index] !== "->") groups.push([]);
  }
  const terms = groups.map((group) => delay(span(node), () => implication(group, scope) ?? unknown("it is not known")));
  const forward = pipes.has("|>");
  let value = forward ? terms.shift() : terms.pop();
  while (terms.length > 0 && value !== undefined) {
    const step = forward ? terms.shift() : terms.pop();
    const argument = value;
    if (step !== undefined)
      value = delay(span(node), () => apply(step, [argument], { run: scope.run, at: span(node) }));
  }
  return value === undefined ? null : force(value);
}

/** `a -> b -> c`, or the one expression there is. */
function implication(operands: readonly Node[], scope: Scope): Term | null {
  const [first, ...rest] = operands;
  const left = evaluate(first ?? null, scope);
  if (rest.length === 0) return left;
  const holds = left.kind === "bool" ? bool(!left.value) : left;
  return logic(holds, () => implication(rest, scope) ?? unknown(""), true);
}
