import type { Node } from "../syntax/node";
import { evaluateApply } from "./apply";
import { attrsOf } from "./attrs";
import { choose, evaluateList } from "./lists";
import { child, firstExpression, span, textOfName } from "./nodes";
import { evaluateBinary, evaluateUnary } from "./operators";
import { lookUp, recursiveScope, type Scope, type Tail, withScope } from "./scope";
import { evaluateHasAttr, evaluateSelect, select, sharedByName } from "./select";
import { deeper, excerpt, resolved, spend, string, type Term, tooMuch, unknown, unresolved } from "./terms";
import { evaluatePath, evaluateString } from "./text";

/** How often a function may end in a call of itself; lists of configurations are shorter. */
const maximumTurns = 20_000;

/**
 * What an expression evaluates to, as far as the text and the files around it tell: names, functions and the usual library are followed.
 * Never throws, and ends for any text. What an expression ends in is not a level deeper: lists are often walked by functions that call themselves.
 */
export function evaluate(node: Node | null, scope: Scope): Term {
  if (node === null) return unknown("the expression is missing");
  if (scope.applied && !spend(scope.run, 1)) return tooMuch;
  return deeper(scope.run, () => evaluateTail(node, scope), unknown);
}

function evaluateTail(start: Node, outer: Scope): Term {
  let [node, scope]: [Node | null, Scope] = [start, outer];
  let computed = false;
  for (let turn = 0; turn < maximumTurns; turn++) {
    if (node === null) return unknown("the expression is missing");
    let next: Tail | Term;
    switch (node.type) {
      case "parenthesized_expression":
        next = { node: firstExpression(node), scope };
        break;
      case "let_expression":
        next = { node: child(node, "body"), scope: recursiveScope(scope, node) };
        break;
      case "with_expression":
        next = { node: child(node, "body"), scope: withScope(scope, node) };
        break;
      case "assert_expression":
        next = failedAssertion(node, scope) ?? { node: child(node, "body"), scope };
        break;
      case "if_expression":
        next = choose(node, scope);
        computed = true;
        break;
      case "apply_expression":
        next = evaluateApply(node, scope);
        computed = true;
        break;
      default:
        next = evaluateNode(node, scope);
    }
    if ("kind" in next) return computed ? resolved(next) : next;
    if (next.scope !== scope && next.scope.applied && !spend(next.scope.run, 1)) return tooMuch;
    ({ node, scope } = next);
  }
  return tooMuch;
}

function evaluateNode(node: Node, scope: Scope): Term {
  const { source } = scope.run;
  switch (node.type) {
    case "string_expression":
    case "indented_string_expression":
      return evaluateString(node, scope);
    case "path_expression":
    case "hpath_expression":
      return evaluatePath(node, scope);
    case "uri_expression":
      return string(source.slice(node.startIndex, node.endIndex));
    case "integer_expression": {
      const text = source.slice(node.startIndex, node.endIndex);
      const value = Number(text);
      return Number.isSafeInteger(value) ? { kind: "integer", text, value } : { kind: "float", text };
    }
    case "float_expression":
      return { kind: "float", text: source.slice(node.startIndex, node.endIndex) };
    case "variable_expression": {
      const name = textOfName(node, source);
      return sharedByName(lookUp(scope, name), scope, name, []);
    }
    case "list_expression":
      return evaluateList(node, scope);
    case "attrset_expression":
    case "rec_attrset_expression":
      return attrsOf(node, scope);
    case "let_attrset_expression":
      return select(attrsOf(node, scope), "body", scope.run) ?? unresolved(source, span(node));
    case "function_expression":
      return { kind: "lambda", node, scope };
    case "binary_expression":
      return resolved(evaluateBinary(node, scope));
    case "unary_expression":
      return evaluateUnary(node, scope);
    case "select_expression":
      return evaluateSelect(node, scope);
    case "has_attr_expression":
      return evaluateHasAttr(node, scope);
    default:
      return unresolved(source, span(node));
  }
}

/** A configuration that builds passes its assertions, so only one that surely fails says something. */
function failedAssertion(node: Node, scope: Scope): Term | null {
  const condition = child(node, "condition");
  const holds = evaluate(condition, scope);
  if (holds.kind !== "bool" || holds.value || condition === null) return null;
  return unknown(`${excerpt(scope.run.source, span(condition))} does not hold`);
}
