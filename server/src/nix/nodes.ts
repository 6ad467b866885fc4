import type { Node } from "web-tree-sitter";
import type { Span } from "../syntax/span";
import { stringText } from "../syntax/strings";
import type { AttrName } from "./value";

/** Small helpers over syntax nodes. */
export function span(node: Node): Span {
  return { start: node.startIndex, end: node.endIndex };
}

export function child(node: Node | null, field: string): Node | null {
  return node?.childForFieldName(field) ?? null;
}

/** The expression inside parentheses. */
export function firstExpression(node: Node): Node | null {
  return child(node, "expression") ?? node.namedChildren.find((part) => part.type !== "comment") ?? null;
}

/** The segments of an attribute path; `nameOf` tells the name of a computed segment, without it or where it does not know the name is null. */
export function attrPath(
  node: Node | null,
  source: string,
  nameOf: (segment: Node) => string | null = () => null,
): AttrName[] {
  if (node === null) return [];
  return node.namedChildren
    .filter((part) => part.type !== "comment")
    .map((part) => {
      const at = span(part);
      if (part.type === "identifier") return { name: source.slice(at.start, at.end), span: at, quoted: false };
      if (part.type !== "string_expression") return { name: nameOf(part), span: at, quoted: false };
      const result = stringText(part, source);
      return { name: "text" in result ? result.text : nameOf(part), span: at, quoted: true };
    });
}
