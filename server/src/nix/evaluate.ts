import type { Node } from "web-tree-sitter";
import { evaluateApply } from "./apply";
import { attrsOf } from "./attrs";
import { choose, evaluateList } from "./lists";
import { child, firstExpression, span } from "./nodes";
import { evaluateBinary, evaluateUnary } from "./operators";
import { lookUp, recursiveScope, type Scope, withScope } from "./scope";
import { evaluateHasAttr, evaluateSelect, select, sharedByName } from "./select";
import { deeper, excerpt, resolved, spend, string, type Term, tooMuch, unknown, unresolved } from "./terms";
import { evaluatePath, evaluateString } from "./text";

/**
 * What an expression of one file evaluates to, as far as that file tells: names, functions and the usual library are followed,
 * arguments, options and other files are not known. Never throws, and ends for any text.
 */
export function evaluate(node: Node | null, scope: Scope): Term {
  if (node === null) return unknown("the expression is missing");
  if (scope.applied && !spend(scope.run, 1)) return tooMuch;
  return deeper(scope.run, () => evaluateNode(node, scope), unknown);
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
      const name = source.slice(node.startIndex, node.endIndex);
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
    case "parenthesized_expression":
      return evaluate(firstExpression(node), scope);
    case "let_expression":
      return evaluate(child(node, "body"), recursiveScope(scope, node));
    case "with_expression":
      return evaluate(child(node, "body"), withScope(scope, node));
    case "assert_expression":
      return evaluateAssert(node, scope);
    case "if_expression":
      return resolved(choose(node, scope));
    case "binary_expression":
      return resolved(evaluateBinary(node, scope));
    case "unary_expression":
      return evaluateUnary(node, scope);
    case "select_expression":
      return evaluateSelect(node, scope);
    case "has_attr_expression":
      return evaluateHasAttr(node, scope);
    case "apply_expression":
      return resolved(evaluateApply(node, scope));
    default:
      return unresolved(source, span(node));
  }
}

/** A configuration that builds passes its assertions, so only one that surely fails says something. */
function evaluateAssert(node: Node, scope: Scope): Term {
  const condition = child(node, "condition");
  const holds = evaluate(condition, scope);
  if (holds.kind === "bool" && !holds.value && condition !== null)
    return unknown(`${excerpt(scope.run.source, span(condition))} does not hold`);
  return evaluate(child(node, "body"), scope);
}
