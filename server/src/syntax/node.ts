import type { Node as Parsed } from "web-tree-sitter";

/** One text of several that are read together. Two versions of a file are two sources. */
export interface Source {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** What all nodes of one syntax tree share. */
export class TextTree {
  /** Which text it is the tree of; null where the text is looked at alone. */
  source: Source | null = null;
}

/**
 * A node of a syntax tree. Asking the parser's memory is slow, and one file is looked at for many hosts: so what was asked once is kept,
 * and a node is the same object however it is reached. Valid as long as its tree.
 */
export class Node {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly type: string;
  /** What others worked out about it, by the number of the question; see `aboutNodes`. */
  readonly notes: unknown[] = [];
  #named: readonly Node[] | null = null;
  #all: readonly Node[] | null = null;
  readonly #fields: { readonly name: string; readonly node: Node | null }[] = [];

  constructor(
    private readonly parsed: Parsed,
    readonly tree: TextTree = new TextTree(),
  ) {
    this.startIndex = parsed.startIndex;
    this.endIndex = parsed.endIndex;
    this.type = parsed.type;
  }

  /** The children that are not punctuation; comments are among them. */
  get namedChildren(): readonly Node[] {
    this.#named ??= this.parsed.namedChildren.map((one) => new Node(one, this.tree));
    return this.#named;
  }

  get children(): readonly Node[] {
    if (this.#all === null) {
      const named = this.namedChildren;
      let next = 0;
      this.#all = this.parsed.children.map((one) => {
        const known = named[next];
        if (known?.parsed.id !== one.id) return new Node(one, this.tree);
        next++;
        return known;
      });
    }
    return this.#all;
  }

  /** The child that the grammar gives a name; null where there is none. */
  childForFieldName(name: string): Node | null {
    // There are never more than three.
    for (const field of this.#fields) if (field.name === name) return field.node;
    const parsed = this.parsed.childForFieldName(name);
    const node = parsed === null ? null : this.#known(parsed);
    this.#fields.push({ name, node });
    return node;
  }

  #known(parsed: Parsed): Node {
    for (const one of this.namedChildren) if (one.parsed.id === parsed.id) return one;
    return new Node(parsed, this.tree);
  }

  /** Whether it is itself what the parser did not understand. */
  get isError(): boolean {
    return this.parsed.isError;
  }

  /** Whether it is not in the text, and the parser thought it had to be. */
  get isMissing(): boolean {
    return this.parsed.isMissing;
  }

  /** Whether it is, or has in it, something that does not parse. */
  get hasError(): boolean {
    return this.parsed.hasError;
  }

  /** All nodes of a type in it, in the order of the text. */
  descendantsOfType(type: string): readonly Node[] {
    return this.parsed.descendantsOfType(type).map((one) => new Node(one, this.tree));
  }

  /** The whole tree below, as the parser writes it. */
  toString(): string {
    return this.parsed.toString();
  }
}

let questions = 0;

/**
 * Makes a function of nodes that works its answer out once for each. The answer must follow from the tree and the text that was
 * parsed alone: the same node is asked about for many hosts.
 */
export function aboutNodes<T>(work: (node: Node, source: string) => T): (node: Node, source: string) => T {
  const question = questions++;
  return (node, source) => {
    const known = node.notes[question] as { readonly answer: T } | undefined;
    if (known !== undefined) return known.answer;
    const answer = work(node, source);
    node.notes[question] = { answer };
    return answer;
  };
}
