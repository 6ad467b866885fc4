import { Edit, type Tree } from "web-tree-sitter";
import type { Grammar } from "./grammar";
import { mask } from "./mask";
import { Node } from "./node";

/**
 * One text and its syntax tree. The only owner of trees: they live in WebAssembly memory and must be freed,
 * so `dispose` is called once for every document opened.
 */
export class SyntaxDocument {
  #text: string;
  #masked: string;
  #tree: Tree | null;
  #root: Node | null = null;

  constructor(
    private readonly grammar: Grammar,
    text: string,
  ) {
    this.#text = text;
    this.#masked = mask(text);
    this.#tree = grammar.parse(this.#masked, null);
  }

  get text(): string {
    return this.#text;
  }

  /** The root node; it and its nodes are valid until the next `update` or `dispose`. Null when the text was too much for the parser. */
  get root(): Node | null {
    if (this.#root === null && this.#tree !== null) this.#root = new Node(this.#tree.rootNode);
    return this.#root;
  }

  /** Takes the new text; only what differs is parsed anew. */
  update(text: string): void {
    const masked = mask(text);
    this.#text = text;
    if (masked === this.#masked) return;
    const previous = this.#tree;
    const edit = difference(this.#masked, masked);
    previous?.edit(edit);
    this.#tree = this.grammar.parse(masked, previous);
    previous?.delete();
    const { startIndex: start, oldEndIndex: end } = edit;
    const change = { start, end, shift: edit.newEndIndex - end };
    this.#root = this.#tree === null ? null : (this.#root?.edited(this.#tree.rootNode, change) ?? null);
    this.#masked = masked;
  }

  dispose(): void {
    this.#tree?.delete();
    this.#tree = null;
    this.#root = null;
  }
}

/** The one replacement that turns `before` into `after`: everything between their common start and common end. */
function difference(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  const oldEnd = before.length - tail;
  const newEnd = after.length - tail;
  return new Edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, oldEnd),
    newEndPosition: pointAt(after, newEnd),
  });
}

function pointAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
