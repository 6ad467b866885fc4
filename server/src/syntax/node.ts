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

/** What an edit replaces, as offsets into the text before it, and by how much what is behind moves. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly shift: number;
}

interface Field {
  readonly name: string;
  readonly node: Node | null;
}

const noNotes: unknown[] = [];
const noFields: Field[] = [];
/** Deeper nodes are made anew by an edit. */
const maximumRenewed = 200;

/**
 * A node of a syntax tree. Asking the parser's memory is slow, one file is looked at for many hosts, and a keystroke changes little: so what
 * was asked once is kept, and a node is the same object however it is reached. Valid as long as its tree; `edited` leaves those as they
 * are whose text is the same.
 */
export class Node {
  /** What others worked out about it, by the number of the question; see `aboutNodes`. */
  notes = noNotes;
  #start: number;
  #end: number;
  readonly #isSound: boolean;
  /** Null after an edit, until it is needed. */
  #parsed: Parsed | null;
  readonly type: string;
  #named: readonly Node[] | null = null;
  #all: readonly Node[] | null = null;
  #fields = noFields;

  constructor(
    parsed: Parsed,
    readonly tree: TextTree = new TextTree(),
    private parent: Node | null = null,
    /** Its place among the parent's named children; -1 for punctuation. */
    private place = -1,
  ) {
    this.#parsed = parsed;
    this.#start = parsed.startIndex;
    this.#end = parsed.endIndex;
    this.#isSound = parent === null || !parent.#isSound ? !parsed.hasError : true;
    this.type = parsed.type;
  }

  get startIndex(): number {
    return this.#start;
  }

  get endIndex(): number {
    return this.#end;
  }

  get #own(): Parsed | null {
    if (this.#parsed === null && this.parent !== null)
      this.#parsed = this.parent.#own?.namedChildren[this.place] ?? null;
    return this.#parsed;
  }

  /** The children that are not punctuation; comments are among them. */
  get namedChildren(): readonly Node[] {
    this.#named ??= (this.#own?.namedChildren ?? []).map((one, place) => new Node(one, this.tree, this, place));
    return this.#named;
  }

  get children(): readonly Node[] {
    if (this.#all === null) {
      const named = this.namedChildren;
      const parsed = this.#own?.namedChildren ?? [];
      let next = 0;
      this.#all = (this.#own?.children ?? []).map((one) => {
        const known = parsed[next]?.id === one.id ? named[next] : undefined;
        if (known === undefined) return new Node(one, this.tree, this);
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
    let node = this.#isSound ? fieldByPlace(this, name) : undefined;
    if (node === undefined) {
      const parsed = this.#own?.childForFieldName(name) ?? null;
      node = parsed === null ? null : this.#known(parsed);
    }
    if (this.#fields === noFields) this.#fields = [];
    this.#fields.push({ name, node });
    return node;
  }

  #known(parsed: Parsed): Node {
    const place = this.#own?.namedChildren.findIndex(({ id }) => id === parsed.id) ?? -1;
    return this.namedChildren[place] ?? new Node(parsed, this.tree, this);
  }

  /** Whether it is itself what the parser did not understand. */
  get isError(): boolean {
    return !this.#isSound && this.#own?.isError === true;
  }

  /** Whether it is not in the text, and the parser thought it had to be. */
  get isMissing(): boolean {
    return !this.#isSound && this.#own?.isMissing === true;
  }

  /** Whether it is, or has in it, something that does not parse. */
  get hasError(): boolean {
    return !this.#isSound;
  }

  /** All nodes of a type in it, in the order of the text. */
  descendantsOfType(type: string): readonly Node[] {
    return (this.#own?.descendantsOfType(type) ?? []).map((one) => new Node(one, this.tree, this));
  }

  /** The whole tree below, as the parser writes it. */
  toString(): string {
    return this.#own?.toString() ?? "";
  }

  /**
   * The root of the tree after an edit; `parsed` is what the parser makes of the new text. What parses and has the text it had stays
   * the node it is, with all that was asked of it: the grammar gives each text one meaning. The other nodes are new.
   */
  edited(parsed: Parsed, change: Change): Node {
    this.tree.source = null;
    return this.#renewed(parsed, null, -1, change, 0);
  }

  #renewed(parsed: Parsed, parent: Node | null, place: number, change: Change, depth: number): Node {
    const made = new Node(parsed, this.tree, parent, place);
    const before = this.#named;
    if (before === null || depth > maximumRenewed) return made;
    made.#named = this.#withOne(before, made, change, depth) ?? this.#matched(before, made, parsed, change, depth);
    return made;
  }

  /** The children after an edit that is inside one of them, which is most often so; null where it is not. */
  #withOne(before: readonly Node[], made: Node, { start, end, shift }: Change, depth: number): readonly Node[] | null {
    if (!this.#isSound || !made.#isSound || made.#parsed === null) return null;
    const place = before.findIndex((one) => one.#end >= start);
    const touched = before[place];
    if (touched === undefined || touched.#start > start || touched.#end < end) return null;
    const following = before[place + 1];
    if (following !== undefined && following.#start <= end) return null;
    const parsed = made.#parsed.namedChildCount === before.length ? made.#parsed.namedChild(place) : null;
    if (parsed === null || parsed.type !== touched.type) return null;
    if (parsed.startIndex !== touched.#start || parsed.endIndex !== touched.#end + shift) return null;
    return before.map((one, at) => {
      if (at === place) return one.#renewed(parsed, made, at, { start, end, shift }, depth + 1);
      one.#moveTo(at < place ? one.#start : one.#start + shift, null, made, at);
      return one;
    });
  }

  /** The children after an edit, by where they begin. */
  #matched(before: readonly Node[], made: Node, parsed: Parsed, change: Change, depth: number): readonly Node[] {
    let next = 0;
    return parsed.namedChildren.map((one, index) => {
      const start = one.startIndex;
      let old = before[next];
      while (old !== undefined && old.#startAfter(change) < start) old = before[++next];
      if (old === undefined || old.#startAfter(change) !== start || old.type !== one.type)
        return new Node(one, this.tree, made, index);
      next++;
      const isApart = old.#end < change.start || old.#start > change.end;
      const isSame = isApart && old.#isSound && old.#end - old.#start === one.endIndex - start;
      if (!isSame || (!made.#isSound && one.hasError)) return old.#renewed(one, made, index, change, depth + 1);
      old.#moveTo(start, one, made, index);
      return old;
    });
  }

  /** Where it begins after an edit that does not touch it. */
  #startAfter({ end, shift }: Change): number {
    return this.#start > end ? this.#start + shift : this.#start;
  }

  /** It stands elsewhere, among other siblings, and in another tree. What is kept of the parser's goes. */
  #moveTo(start: number, parsed: Parsed | null, parent: Node, place: number): void {
    const moved = start - this.#start;
    const pending: Node[] = [this];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      node.#start += moved;
      node.#end += moved;
      node.#parsed = null;
      // Notes have places in them, and parts of the text that was; punctuation is not among the children that move along.
      node.notes = noNotes;
      node.#all = null;
      if (node.#fields.some((field) => field.node?.place === -1)) node.#fields = noFields;
      for (const one of node.#named ?? []) pending.push(one);
    }
    this.#parsed = parsed;
    this.parent = parent;
    this.place = place;
  }
}

/** The fields of nodes by the place among their named children, comments left out, where that alone tells them. */
const fields: Readonly<Record<string, readonly string[]>> = {
  source_code: ["expression"],
  parenthesized_expression: ["expression"],
  interpolation: ["expression"],
  binding: ["attrpath", "expression"],
  inherit: ["attrs"],
  inherit_from: ["expression", "attrs"],
  select_expression: ["expression", "attrpath", "default"],
  has_attr_expression: ["expression", "attrpath"],
  apply_expression: ["function", "argument"],
  binary_expression: ["left", "right"],
  with_expression: ["environment", "body"],
  assert_expression: ["condition", "body"],
  if_expression: ["condition", "consequence", "alternative"],
  formal: ["name", "default"],
};

const withoutFields: ReadonlySet<string> = new Set([
  "comment",
  "identifier",
  "string_expression",
  "indented_string_expression",
  "integer_expression",
  "path_expression",
]);

/** The child a field names in a node that parses; undefined where the parser has to be asked. */
function fieldByPlace({ type, namedChildren }: Node, name: string): Node | null | undefined {
  if (withoutFields.has(type)) return null;
  const place = fields[type]?.indexOf(name) ?? -1;
  const isBody = name === "body" && (type === "function_expression" || type === "let_expression");
  if (place === -1 && !isBody) return undefined;
  let at = -1;
  let last: Node | null = null;
  for (const one of namedChildren) {
    if (one.type === "comment") continue;
    last = one;
    at++;
    if (at === place) return one;
  }
  return isBody ? last : null;
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
    if (node.notes === noNotes) node.notes = [];
    node.notes[question] = { answer };
    return answer;
  };
}
