import { libraryCall } from "../nix/call";
import { child, firstExpression, span } from "../nix/nodes";
import type { Node } from "../syntax/node";
import type { Span } from "../syntax/span";
import type { OptionFact } from "./model";

/** What the `let`s around a file's own set of options bind: the walk meets it like options of that set. */
export function letsAround(root: Node): readonly Span[] {
  const found: Span[] = [];
  const pending: (Node | null)[] = [firstExpression(root)];
  // Hardly any file has more than two expressions around its set.
  for (let steps = 0; pending.length > 0 && steps < 1000; steps++) {
    const node = pending.pop() ?? null;
    switch (node?.type) {
      case "let_expression":
        for (const part of node.namedChildren) if (part.type === "binding_set") found.push(span(part));
        pending.push(child(node, "body"));
        break;
      case "function_expression":
      case "with_expression":
      case "assert_expression":
        pending.push(child(node, "body"));
        break;
      case "if_expression":
        pending.push(child(node, "consequence"), child(node, "alternative"));
        break;
      case "binary_expression":
        pending.push(child(node, "left"), child(node, "right"));
        break;
      case "apply_expression":
        pending.push(child(node, "argument"), child(node, "function"));
        break;
      case "parenthesized_expression":
      case "list_expression":
        pending.push(...node.namedChildren.slice(0, 100));
        break;
    }
  }
  return found;
}

/** Sets all of whose bindings are met one by one, as far as that shows at a look. */
export function isWalkedThrough(value: Node, source: string, depth = 0): boolean {
  if (depth > 8) return false;
  switch (value.type) {
    case "attrset_expression":
    case "rec_attrset_expression":
      return true;
    case "parenthesized_expression":
      return areWalkedThrough([firstExpression(value)], source, depth);
    case "let_expression":
    case "with_expression":
      return areWalkedThrough([child(value, "body")], source, depth);
    case "if_expression":
      return areWalkedThrough([child(value, "consequence"), child(value, "alternative")], source, depth);
    case "binary_expression":
      return areWalkedThrough([child(value, "left"), child(value, "right")], source, depth);
    case "apply_expression": {
      const call = libraryCall(value, source);
      const last = call?.arguments[call.arguments.length - 1];
      if (call === null || last === undefined) return false;
      if (["mkIf", "optionalAttrs", ...plainWrappers].includes(call.name))
        return areWalkedThrough([last], source, depth);
      if (call.name !== "mkMerge" || last.type !== "list_expression") return false;
      return areWalkedThrough(
        last.namedChildren.filter(({ type }) => type !== "comment"),
        source,
        depth,
      );
    }
    default:
      return false;
  }
}

function areWalkedThrough(values: readonly (Node | null)[], source: string, depth: number): boolean {
  return values.every((value) => value !== null && isWalkedThrough(value, source, depth + 1));
}

const plainWrappers = ["mkForce", "mkDefault", "mkBefore", "mkAfter"];

interface Unwrapped {
  readonly node: Node;
  readonly conditional: boolean;
  readonly priority: OptionFact["priority"];
  readonly order: OptionFact["order"];
}

/** Sees through `mkIf`, `mkForce`, `mkAfter` and their kin, which say how a value counts. */
export function unwrapped(node: Node, source: string): Unwrapped {
  let found: Unwrapped = { node, conditional: false, priority: "normal", order: null };
  if (node.type !== "apply_expression" && node.type !== "parenthesized_expression") return found;
  // As many as anyone writes around one value.
  for (let depth = 0; depth < 8; depth++) {
    if (found.node.type === "parenthesized_expression") {
      const inner = firstExpression(found.node);
      if (inner === null) return found;
      found = { ...found, node: inner };
      continue;
    }
    if (found.node.type !== "apply_expression") return found;
    const call = libraryCall(found.node, source);
    const last = call?.arguments[call.arguments.length - 1];
    if (call === null || last === undefined) return found;
    const { length } = call.arguments;
    if (call.name === "mkIf" && length === 2) found = { ...found, node: last, conditional: true };
    else if (call.name === "mkForce" && length === 1) found = { ...found, node: last, priority: "force" };
    else if (call.name === "mkDefault" && length === 1) found = { ...found, node: last, priority: "default" };
    else if (call.name === "mkBefore" && length === 1) found = { ...found, node: last, order: "before" };
    else if (call.name === "mkAfter" && length === 1) found = { ...found, node: last, order: "after" };
    else if (call.name === "mkOrder" && length === 2) found = { ...found, node: last, order: "other" };
    else if (call.name === "mkOverride" && length === 2) found = { ...found, node: last, priority: "other" };
    else return found;
  }
  return found;
}
