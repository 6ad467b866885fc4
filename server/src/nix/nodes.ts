import { aboutNodes, type Node, type Source } from "../syntax/node";
import type { Span } from "../syntax/span";
import { stringText } from "../syntax/strings";
import type { AttrName } from "./value";

export type { Source };

/** A span, and of which text where several are read together. */
export interface Place extends Span {
  readonly source?: Source;
}

/** Makes the places of a tree's nodes tell which text they are of. The same text keeps the name it has. */
export function nameTree(root: Node, source: Source): Source {
  const known = root.tree.source;
  if (known !== null && known.file === source.file && known.text === source.text) return known;
  root.tree.source = source;
  return source;
}

/** Runs `work`, for which the places of a tree's nodes are of no certain text: it is looked at alone. */
export function unnamed<T>(root: Node, work: () => T): T {
  const { source } = root.tree;
  root.tree.source = null;
  try {
    return work();
  } finally {
    root.tree.source = source;
  }
}

/** Small helpers over syntax nodes. */
export function span(node: Node): Place {
  const { source } = node.tree;
  return source === null
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
): readonly AttrName[] {
  if (node === null) return [];
  const known = written(node, source);
  if (known.names !== null && known.from !== node.tree.source) writeAnew(known, node, source);
  if (known.names !== null) return known.names;
  return segments(node).map((part, index) => {
    const plain = plainSegment(part, source);
    if (plain !== null) return plain;
    const [at, quoted] = [span(part), part.type === "string_expression"];
    return index === 0 ? { name: nameOf(part), span: at, quoted } : new ComputedName(part, at, quoted, nameOf);
  });
}

/** The path as plain data, with names that no longer need the tree. */
function asData(path: readonly AttrName[]): readonly AttrName[] {
  if (!path.some((name) => name instanceof ComputedName)) return path;
  return path.map(({ name, span: at, quoted }) => ({ name, span: at, quoted }));
}

/** The segments of a path none of which is computed, else null; and which text their places are of. */
interface Written {
  names: readonly AttrName[] | null;
  from: Source | null;
}

const written = aboutNodes((node, source): Written => writeAnew({ names: null, from: null }, node, source));

/** Identifiers with a dot between them: as most paths are written. */
const plainPath = /^[A-Za-z_][\w'-]*(?:\.[A-Za-z_][\w'-]*)*$/;

/** The names of a path that is written as identifiers alone; else null. */
export const plainNames = aboutNodes(namesWritten);

function namesWritten(node: Node, source: string): readonly string[] | null {
  const text = node.type === "attrpath" ? source.slice(node.startIndex, node.endIndex) : "";
  return plainPath.test(text) ? text.split(".") : null;
}

/** The same path, as plain data that is not kept with the tree: for all paths of a file at once. */
export function pathOnce(
  node: Node | null,
  source: string,
  nameOf: (segment: Node) => string | null = () => null,
): readonly AttrName[] {
  if (node === null) return [];
  const names = namesWritten(node, source);
  // The tree may be gone when a name is asked for.
  return names === null ? asData(attrPath(node, source, nameOf)) : placed(names, node);
}

/** The names of a path as far as they are written out; null for one that is computed. */
export function namesOf(node: Node | null, source: string): readonly (string | null)[] {
  if (node === null) return [];
  return namesWritten(node, source) ?? attrPath(node, source).map(({ name }) => name);
}

function placed(names: readonly string[], { startIndex, tree: { source } }: Node): AttrName[] {
  let start = startIndex;
  return names.map((name) => {
    const end = start + name.length;
    const at: Place = source === null ? { start, end } : { start, end, source };
    start = end + 1;
    return { name, span: at, quoted: false };
  });
}

/** The text of a name. */
export const textOfName = aboutNodes((node, source) => source.slice(node.startIndex, node.endIndex));

function writeAnew(found: Written, node: Node, source: string): Written {
  const names: AttrName[] = [];
  const plainly = plainNames(node, source);
  if (plainly !== null) {
    found.names = placed(plainly, node);
    found.from = node.tree.source;
    return found;
  }
  for (const part of node.namedChildren) {
    if (part.type === "comment") continue;
    const plain = plainSegment(part, source);
    if (plain === null) return found;
    names.push(plain);
  }
  found.names = names;
  found.from = node.tree.source;
  return found;
}

function plainSegment(part: Node, source: string): AttrName | null {
  const { type } = part;
  if (type === "identifier")
    return { name: source.slice(part.startIndex, part.endIndex), span: span(part), quoted: false };
  const result = type === "string_expression" ? stringText(part, source) : null;
  return result !== null && "text" in result ? { name: result.text, span: span(part), quoted: true } : null;
}

function segments(node: Node): readonly Node[] {
  return node.namedChildren.filter((part) => part.type !== "comment");
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
