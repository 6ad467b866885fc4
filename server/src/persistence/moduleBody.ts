import { child, firstExpression, namesOf, span } from "../nix/nodes";
import type { Node } from "../syntax/node";
import type { Span } from "../syntax/span";

/** Names at the top of a file that say it is no NixOS module: a flake, a flake-parts module, a Home Manager module. */
const foreign = new Set(["outputs", "inputs", "flake", "perSystem", "home"]);

/**
 * The set of options a file's module evaluates to, where it is written as one: through functions, `let … in`, `with`, `assert`, parentheses
 * and a `config = { … };`. Null where the file is no NixOS module, or its options stand under a condition. `source` is the original text.
 */
export function moduleBody(root: Node, source: string): Span | null {
  const top = setOf(firstExpression(root));
  if (top === null) return null;
  const bindings = top.namedChildren.flatMap((part) => (part.type === "binding_set" ? part.namedChildren : []));
  let config: Node | null = null;
  let declares = false;
  for (const binding of bindings) {
    if (binding.type !== "binding") continue;
    const path = namesOf(child(binding, "attrpath"), source);
    const first = path[0] ?? null;
    declares ||= first === "options";
    if (first !== null && foreign.has(first)) return null;
    if (first === "config" && path.length === 1) config = binding;
    // With `config.…` or `options.…` beside it, an option at the top is an error: it belongs under `config`.
    else if (first === "config") return null;
  }
  if (config !== null) {
    const inner = setOf(child(config, "expression"));
    return inner === null ? null : span(inner);
  }
  return declares ? null : span(top);
}

/** The `{ … }` an expression evaluates to, or null where it is computed. */
function setOf(node: Node | null): Node | null {
  for (let at = node; at !== null; ) {
    switch (at.type) {
      case "attrset_expression":
      case "rec_attrset_expression":
        return at;
      case "function_expression":
      case "let_expression":
      case "with_expression":
      case "assert_expression":
        at = child(at, "body");
        break;
      case "parenthesized_expression":
        at = firstExpression(at);
        break;
      default:
        return null;
    }
  }
  return null;
}
