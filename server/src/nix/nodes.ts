import type { Node, Tree } from "web-tree-sitter";
import type { Span } from "../syntax/span";
import { stringText } from "../syntax/strings";
import type { AttrName } from "./value";

/** One text of several that are read together. Two versions of a file are two sources. */
export interface Source {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** A span, and of which text where several are read together. */
export interface Place extends Span {
  readonly source?: Source;
}

const sources = new WeakMap<Tree, Source>();

/** Makes the places of a tree's nodes tell which text they are of. */
export function nameTree(root: Node, source: Source): void {
  sources.set(root.tree, source);
}

/** Small helpers over syntax nodes. */
export function span(node: Node): Place {
  const source = sources.get(node.tree);
  return source === undefined
    ? { start: node.startIndex, end: node.endIndex }
    : { start: node.startIndex, end: node.endIndex, source };
}

export function child(node: Node | null, field: string): Node | null {
  return node?.childForFieldName(field) ?? null;
}

/** The expression inside parentheses. */
export function firstExpression(node: Node): Node | null {
  return child(node, "expression") ?? node.namedChildren.find((part) => part.type !== "comment") ?? null;
}

/**
 * The segments of an attribute path; `nameOf` tells the name of a computed segment, without it or where it does not know the name is null.
 * Behind the first segment it is asked only when the name is: a module may name options after what other modules set.
 */
export function attrPath(
  node: Node | null,
  source: string,
  nameOf: (segment: Node) => string | null = () => null,
): AttrName[] {
  if (node === null) return [];
  return node.namedChildren
    .filter((part) => part.type !== "comment")
    .map((part, index) => {
      const at = span(part);
      if (part.type === "identifier") return { name: source.slice(at.start, at.end), span: at, quoted: false };
      const quoted = part.type === "string_expression";
      const result = quoted ? stringText(part, source) : { unknown: "" };
      if ("text" in result) return { name: result.text, span: at, quoted };
      return index === 0 ? { name: nameOf(part), span: at, quoted } : new ComputedName(part, at, quoted, nameOf);
    });
}

/** A segment whose name is worked out when it is asked for. */
class ComputedName implements AttrName {
  #name: string | null | undefined;

  constructor(
    private readonly part: Node,
    readonly span: Place,
    readonly quoted: boolean,
    private readonly nameOf: (segment: Node) => string | null,
  ) {}

  get name(): string | null {
    if (this.#name === undefined) this.#name = this.nameOf(this.part);
    return this.#name;
  }
}
