import { aboutNodes, Node } from "../syntax/node";
import { attrPath, child, firstExpression } from "./nodes";
import type { Thunk } from "./terms";

/** The names of a set as its text shows them, before it is evaluated: these, and no others. */
export class Shape {
  /** For each name the values that bindings give it, in the order of the text. */
  constructor(readonly names: ReadonlyMap<string, readonly Inside[]>) {}
}

export interface Inside {
  /** The node whose place is the value's. */
  readonly at: Node;
  /** What is known of the value. */
  readonly written: Node | Shape | null;
}

/** What shows of a value that is not evaluated yet; null where it has to be evaluated to tell. */
export function shapeOf({ state, written }: Thunk): Shape | null {
  if (typeof state !== "function" || written == null) return null;
  if (!(written instanceof Node)) return written;
  let at: Node | null = written;
  while (at?.type === "parenthesized_expression") at = firstExpression(at);
  const text = written.tree.source?.text ?? null;
  return text !== null && at?.type === "attrset_expression" ? shapeOfSet(at, text) : null;
}

const shapeOfSet = aboutNodes((node, source): Shape | null => {
  if (node.hasError) return null;
  const names = new Map<string, Inside[]>();
  const add = (name: string, inside: Inside): void => {
    const same = names.get(name);
    if (same === undefined) names.set(name, [inside]);
    else same.push(inside);
  };
  for (const binding of bindingsOf(node)) {
    if (binding.type === "binding") {
      const [first, ...rest] = attrPath(child(binding, "attrpath"), source);
      const at = child(binding, "expression");
      if (first === undefined || first.name === null || at === null) return null;
      add(first.name, { at, written: around(rest, at) });
    } else if (binding.type === "inherit" || binding.type === "inherit_from") {
      const attrs = child(binding, "attrs");
      const places = withoutComments(attrs);
      for (const [index, { name }] of attrPath(attrs, source).entries()) {
        const at = places[index];
        if (name === null || at === undefined) return null;
        add(name, { at, written: null });
      }
    } else return null;
  }
  return new Shape(names);
});

function bindingsOf(node: Node): Node[] {
  return withoutComments(node).flatMap((part) => (part.type === "binding_set" ? withoutComments(part) : [part]));
}

function withoutComments(node: Node | null): Node[] {
  return (node?.namedChildren ?? []).filter((part) => part.type !== "comment");
}

/** What shows of `a` in `{ a.b = x; }`. */
function around(path: readonly { readonly name: string | null }[], at: Node): Node | Shape | null {
  return path.reduceRight<Node | Shape | null>(
    (written, { name }) => (name === null ? null : new Shape(new Map([[name, [{ at, written }]]]))),
    at,
  );
}
