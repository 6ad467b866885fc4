import { span } from "../nix/nodes";
import type { Node } from "../syntax/node";
import type { SyntaxProblem } from "./model";

/** The first place below `node` that does not parse. */
export function firstSyntaxError(node: Node, source: string): SyntaxProblem | null {
  const found = firstBroken(node);
  if (found === null) return null;
  const at = span(found);
  if (found.isMissing) return { span: { start: Math.max(0, at.start - 1), end: at.start }, missing: found.type };
  const line = source.slice(at.start, at.end).split("\n", 1)[0] ?? "";
  return { span: { start: at.start, end: at.start + line.length }, missing: null };
}

/**
 * Offset from which a block's syntax tree cannot be trusted. A string that lost its closing quote swallows lines until the next quote,
 * long before the parser stumbles: so a string over several lines counts as the beginning of the trouble.
 */
export function brokenFrom(node: Node, source: string): number | null {
  if (!node.hasError) return null;
  const broken = firstBroken(node);
  let from = broken?.startIndex ?? node.startIndex;
  for (const string of node.descendantsOfType("string_expression")) {
    if (string.startIndex >= from) break;
    if (source.slice(string.startIndex, string.endIndex).includes("\n")) from = string.startIndex;
  }
  return from;
}

function firstBroken(node: Node): Node | null {
  let at = node;
  for (;;) {
    if (at.isError || at.isMissing) return at;
    const inner = at.children.find((part) => part.isMissing || part.isError || part.hasError);
    if (inner === undefined) return null;
    at = inner;
  }
}
