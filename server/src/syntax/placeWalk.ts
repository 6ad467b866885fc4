import { stringPart, tokenAt } from "./placeTokens";
import type { Span } from "./span";

/** One name of an option path as it is written; `name` is null where it is computed. */
export interface Segment {
  readonly name: string | null;
  readonly span: Span;
}

/** What is open at a place of a text: a bracket, a string, a `let`, or the file itself. */
export interface Opened {
  readonly kind: "file" | "{" | "[" | "(" | "let" | "${" | '"' | "''";
  readonly start: number;
  /** The attribute path whose value is being read, null between bindings. */
  binding: readonly Segment[] | null;
  /** The dotted names read last. */
  run: Segment[];
  /** The run ends with a dot. */
  dotted: boolean;
  /** Semicolons that end a `with` or an `assert` and no binding. */
  pending: number;
  inherits: boolean;
  /** It holds the arguments of a function and no bindings. */
  formals: boolean;
  /** What came before the run: a whole expression, or something that wants one. */
  before: "whole" | "open";
  last: "whole" | "open";
  /** First names of the bindings read so far. */
  readonly names: string[];
  /** Strings that are elements, or the path of an element. */
  readonly strings: string[];
}

/** `cut`: the line ends, and the string was to end before. */
type Part = ReturnType<typeof stringPart> | { readonly kind: "cut"; readonly span: Span };

const wanting = new Set(["if", "then", "else", "with", "assert", "let", "in", "inherit", "rec", "or"]);

/** Follows the brackets, strings and bindings of a text from its beginning. Half-typed text is followed as far as it goes; linear in the text. */
export class PlaceWalk {
  readonly stack: Opened[] = [opened("file", 0)];
  at = 0;

  constructor(private readonly text: string) {}

  get top(): Opened {
    return this.stack[this.stack.length - 1] ?? opened("file", 0);
  }

  get inString(): boolean {
    return this.top.kind === '"' || this.top.kind === "''";
  }

  /** Reads on until `offset`, and stops before the token or in the string or comment the offset touches. */
  walkTo(offset: number): "code" | "string" | "comment" {
    while (this.at < offset) {
      if (this.inString) {
        const part = this.#partHere();
        if (part.span.start >= offset || (part.kind === null && part.span.end >= offset)) return "string";
        if (part.span.end > offset) return "code"; // between the two characters that end it
        this.#stringPart(part);
        continue;
      }
      const token = tokenAt(this.text, this.at);
      if (token.kind === "comment") {
        const isLine = this.text.charAt(this.at) === "#";
        if (isLine ? token.end >= offset : token.end > offset) return "comment";
      }
      const grows = token.kind === "word" || token.kind === "path" || token.kind === "number";
      if (token.end > offset || (grows && token.end === offset)) return "code";
      this.step();
    }
    return this.inString ? "string" : "code";
  }

  /** Reads one token, or one part of a string. */
  step(): void {
    if (this.inString) {
      this.#stringPart(this.#partHere());
      return;
    }
    const { text, top } = this;
    const start = this.at;
    const token = tokenAt(text, start);
    this.at = token.end;
    const span = { start, end: token.end };
    switch (token.kind) {
      case "blank":
      case "comment":
        return;
      case "word":
        this.#word(text.slice(start, token.end), span);
        return;
      case "quote":
      case "indented":
        this.stack.push(opened(token.kind === "quote" ? '"' : "''", start));
        return;
      case "open": {
        const character = text.charAt(start);
        this.stack.push(
          opened(character === "$" ? "${" : character === "[" ? "[" : character === "(" ? "(" : "{", start),
        );
        return;
      }
      case "close":
        this.#close(text.charAt(start));
        return;
      case "equals":
        top.binding = top.run;
        top.pending = 0;
        if (top.run[0]?.name != null) top.names.push(top.run[0].name);
        top.run = [];
        top.dotted = false;
        top.last = "open";
        return;
      case "semicolon":
        if (top.pending > 0) top.pending--;
        else top.binding = null;
        top.inherits = false;
        top.run = [];
        top.dotted = false;
        top.last = "open";
        return;
      case "dot":
        top.dotted = top.run.length > 0;
        return;
      case "formals":
        top.formals = true;
        this.#expression("open");
        return;
      default:
        this.#expression(token.kind === "operator" ? "open" : "whole");
    }
  }

  /** Takes the string as ended at `end`, and does not count it: it is being typed. */
  leaveString(end: number): void {
    const string = this.inString ? this.stack.pop() : undefined;
    this.at = end;
    if (string !== undefined) this.#segment({ name: null, span: { start: string.start, end } });
  }

  #word(word: string, span: Span): void {
    const { top } = this;
    if (word === "let") {
      top.last = "open";
      this.stack.push(opened("let", span.start));
    } else if (word === "in" && top.kind === "let") this.stack.pop();
    else if (wanting.has(word) && !top.dotted) {
      if (word === "with" || word === "assert") top.pending++;
      if (word === "inherit") top.inherits = true;
      this.#expression("open");
    } else this.#segment({ name: word, span });
  }

  #segment(segment: Segment): void {
    const { top } = this;
    if (top.inherits && segment.name !== null) top.names.push(segment.name);
    if (top.dotted) top.run.push(segment);
    else {
      top.run = [segment];
      top.before = top.last;
    }
    top.dotted = false;
    top.last = "whole";
  }

  #expression(last: "whole" | "open"): void {
    this.top.run = [];
    this.top.dotted = false;
    this.top.last = last;
  }

  /** The rest of the string, up to its end or the next `${…}`; for one that names a path, not beyond its line, which it lost its quote on. */
  #partHere(): Part {
    const part = stringPart(this.text, this.at, this.top.kind === "''");
    if (this.top.kind !== '"' || !this.#namesPath()) return part;
    const cut = this.text.slice(this.at, part.span.start).search(/[\n\r]/);
    return cut === -1 ? part : { kind: "cut", span: { start: this.at + cut, end: this.at + cut } };
  }

  /** Whether the string at the top is an element of `directories` or `files`, or the path of one. */
  #namesPath(): boolean {
    const [outermost, outer, around] = this.stack.slice(-4, -1).reverse();
    const list = outermost?.kind === "[" ? outer : this.#listOf(outermost ?? this.top, outer) === null ? null : around;
    const name = list?.binding?.at(-1)?.name;
    return name === "directories" || name === "files";
  }

  #stringPart({ kind, span }: Part): void {
    this.at = span.end;
    if (kind === "cut") {
      this.leaveString(span.end);
      return;
    }
    if (kind === "hole") this.stack.push(opened("${", span.start));
    if (kind !== "end") return;
    const string = this.stack.pop();
    if (string === undefined) return;
    const width = span.end - span.start;
    const text = this.text.slice(string.start + width, span.start);
    const plain = string.kind === '"' && !/\\|\$\{|\n/.test(text);
    this.#listOf(this.top, this.stack[this.stack.length - 2])?.strings.push(text);
    this.#segment({ name: plain ? text : null, span: { start: string.start, end: span.end } });
  }

  /** The list that a string, read in `at`, is an element of or names the element of. */
  #listOf(at: Opened, below: Opened | undefined): Opened | null {
    if (at.kind === "[") return at;
    const name = at.binding?.length === 1 ? at.binding[0]?.name : undefined;
    return (name === "directory" || name === "file") && below?.kind === "[" ? below : null;
  }

  /** Closes the bracket; what is half-typed inside it ends with it. One that closes nothing is passed over. */
  #close(character: string): void {
    const wanted = character === "]" ? "[" : character === ")" ? "(" : null;
    // Not looked for without end: a hostile text has as many that close nothing as it likes.
    const lowest = Math.max(1, this.stack.length - 8);
    for (let index = this.stack.length - 1; index >= lowest; index--) {
      const kind = this.stack[index]?.kind;
      if (wanted === null ? kind === "{" || kind === "${" : kind === wanted) {
        const hole = kind === "${";
        this.stack.length = index;
        if (!hole) this.#expression("whole");
        else if (!this.inString) this.#segment({ name: null, span: { start: this.at - 1, end: this.at } });
        return;
      }
      if (wanted !== null && (kind === "{" || kind === "${")) return;
    }
  }
}

function opened(kind: Opened["kind"], start: number): Opened {
  return {
    kind,
    start,
    binding: null,
    run: [],
    dotted: false,
    pending: 0,
    inherits: false,
    formals: false,
    before: "open",
    last: "open",
    names: [],
    strings: [],
  };
}
