import { Letters } from "./letters";

/**
 * What an expression consists of, as far as it matters for telling what a module sets. Of `rest` nothing is told but where it is: operators,
 * conditions, numbers, computed paths and strings, and all that is in them.
 */
export type OutlineKind =
  /** Its bindings. */
  | "set"
  /** `names`, value */
  | "binding"
  /** `names` */
  | "inherit"
  /** source, `names` */
  | "inherit_from"
  /** Each a `name`, a `string` or a `rest` that is computed; none where it is only names with dots between them. */
  | "names"
  | "name"
  /** Bindings, body */
  | "let"
  /** Set, body */
  | "with"
  /** The `name` of each argument that is taken out of a set, body */
  | "function"
  /** Function, argument */
  | "apply"
  /** Set, `names` */
  | "select"
  | "parentheses"
  | "list"
  | "path"
  | "string"
  | "rest";

export interface Outline {
  readonly kind: OutlineKind;
  readonly start: number;
  readonly end: number;
  readonly parts: readonly Outline[];
}

/**
 * The outline of the expression between two offsets, by default of all the text, from one pass over it: ten times faster than the parser,
 * and without its memory. Null where the text is anything the parser may refuse or read in another way, and for what hardly anybody writes.
 */
export function outlineOf(text: string, start = 0, end = text.length): Outline | null {
  return new Outliner(text, start, end).whole();
}

const none: readonly Outline[] = [];
const maximumDepth = 100;
class Outliner extends Letters {
  #depth = 0;

  whole(): Outline | null {
    // The parser takes it for the end of the text, even in a comment.
    if (this.text.slice(this.at, this.end).includes("\0")) return null;
    const found = this.#expression();
    return found !== null && this.next() === -1 ? found : null;
  }

  #expression(): Outline | null {
    if (this.#depth >= maximumDepth) return null;
    this.#depth++;
    const found = this.#anyExpression();
    this.#depth--;
    return found;
  }

  #anyExpression(): Outline | null {
    const letter = this.next();
    const start = this.at;
    if (letter === 123 /* { */ && this.#beginsFormals()) return this.#function(start, this.#formals());
    const after = this.wordEnd();
    if (after === start) return this.#operation();
    const keyword = this.keyword(after);
    if (keyword !== "") return this.isPath() ? this.#operation() : this.#keyword(keyword, start);
    this.at = after;
    const sign = this.next();
    // Without a blank it is a URL.
    if (sign === 58 /* : */ && (this.at > after || this.isBehindColon(after))) return this.#function(start, none);
    if (sign === 64 /* @ */) {
      this.at++;
      return this.#function(start, this.next() === 123 ? this.#formals() : null);
    }
    this.at = start;
    return this.#operation();
  }

  #keyword(word: string, start: number): Outline | null {
    switch (word) {
      case "let":
        return this.#let(start);
      case "with":
      case "assert": {
        this.at += word.length;
        const first = this.#expression();
        if (first === null || !this.take(59 /* ; */)) return null;
        return this.#of(word === "with" ? "with" : "rest", start, [first, this.#expression()]);
      }
      case "if": {
        this.at += word.length;
        const parts = [this.#expression()];
        for (const then of ["then", "else"]) parts.push(this.takeWord(then) ? this.#expression() : null);
        return this.#of("rest", start, parts);
      }
      default:
        return this.#operation();
    }
  }

  /** What ends with its last part. */
  #of(kind: OutlineKind, start: number, parts: readonly (Outline | null)[]): Outline | null {
    return isWhole(parts) ? { kind, start, end: parts[parts.length - 1]?.end ?? this.at, parts } : null;
  }

  /** What ends with the letter that was taken last. */
  #closed(kind: OutlineKind, start: number, parts: readonly Outline[] = none): Outline {
    return { kind, start, end: this.at, parts };
  }

  #function(start: number, names: readonly Outline[] | null): Outline | null {
    if (names === null || !this.take(58 /* : */)) return null;
    return this.#of("function", start, [...names, this.#expression()]);
  }

  /** Whether a brace opens the arguments of a function and not a set. */
  #beginsFormals(): boolean {
    const start = this.at;
    this.at++;
    let first = this.next();
    let isFormals = first === 46; // `...`
    if (first === 125 /* } */) {
      this.at++;
      first = this.next();
      isFormals = first === 58 || first === 64; // `:`, `@`
    } else {
      const before = this.at;
      this.at = this.wordEnd();
      const isName = this.at > before;
      const sign = this.next();
      isFormals ||= isName && (sign === 44 || sign === 63 || sign === 125); // `,`, `?`, `}`
    }
    this.at = start;
    return isFormals;
  }

  /** `{ a, b ? c, ... }`, maybe with a name for all of it behind. */
  #formals(): readonly Outline[] | null {
    const names: Outline[] = [];
    this.at++;
    while (!this.take(125 /* } */)) {
      if (this.takeText("...")) {
        this.take(44 /* , */);
        if (!this.take(125)) return null;
        break;
      }
      const name = this.#name();
      if (name === null) return null;
      names.push(name);
      if (this.take(63 /* ? */) && this.#expression() === null) return null;
      if (!this.take(44) && this.next() !== 125) return null;
    }
    if (this.take(64 /* @ */) && this.#name() === null) return null;
    return names;
  }

  #name(): Outline | null {
    this.next();
    const start = this.at;
    const end = this.wordEnd();
    if (end === start || this.keyword(end) !== "") return null;
    this.at = end;
    return this.#closed("name", start);
  }

  #let(start: number): Outline | null {
    this.at += 3;
    const bindings = this.next() === 123 ? null : this.#bindings();
    if (bindings === null || !this.takeWord("in")) return null;
    return this.#of("let", start, [...bindings, this.#expression()]);
  }

  /** Bindings up to what is none. */
  #bindings(): readonly Outline[] | null {
    const found: Outline[] = [];
    for (let letter = this.next(); letter !== 125 /* } */ && letter !== -1; letter = this.next()) {
      const keyword = this.keyword();
      if (keyword === "in") break;
      const start = this.at;
      const binding = keyword === "inherit" ? this.#inherit(start) : this.#binding(start);
      if (binding === null) return null;
      found.push(binding);
    }
    return found;
  }

  #binding(start: number): Outline | null {
    const names = this.#names(true);
    if (names === null || !this.take(61 /* = */)) return null;
    const value = this.#expression();
    return value === null || !this.take(59 /* ; */) ? null : this.#closed("binding", start, [names, value]);
  }

  #inherit(start: number): Outline | null {
    this.at += "inherit".length;
    let from: Outline | null = null;
    if (this.take(40 /* ( */)) {
      from = this.#expression();
      if (from === null || !this.take(41 /* ) */)) return null;
    }
    const names = this.#names(false);
    if (names === null || !this.take(59)) return null;
    return from === null ? this.#closed("inherit", start, [names]) : this.#closed("inherit_from", start, [from, names]);
  }

  /** An attribute path, or the names that are inherited. */
  #names(isPath: boolean): Outline | null {
    this.next();
    const start = this.at;
    if (isPath && this.takeDotted()) return this.#closed("names", start);
    const names: Outline[] = [];
    for (;;) {
      const letter = this.next();
      const part = letter === 34 /* " */ ? this.#string() : letter === 36 /* $ */ ? this.#hole() : this.#name();
      if (part === null) return null;
      names.push(part);
      const isLast = isPath ? this.next() !== 46 /* . */ || this.isPath() : this.next() === 59;
      if (isLast) break;
      if (isPath) this.at++;
    }
    return this.#of("names", start, names);
  }

  /** Operators between what they work on: which of them bind more does not matter. */
  #operation(): Outline | null {
    this.next();
    const start = this.at;
    let only = true;
    for (;;) {
      for (let sign = this.next(); (sign === 33 || sign === 45) && !this.isPath(); sign = this.next()) {
        // `!`, `-`
        this.at++;
        only = false;
      }
      const found = this.#application();
      if (found === null) return null;
      let last: Outline | null = found;
      while (this.take(63 /* ? */)) {
        only = false;
        last = this.#names(true);
        if (last === null) return null;
      }
      if (!this.takeOperator()) return only ? found : { kind: "rest", start, end: last.end, parts: none };
      only = false;
    }
  }

  #application(): Outline | null {
    let found = this.#selection();
    while (found !== null && this.#beginsOperand()) {
      const argument = this.#selection();
      if (argument === null) return null;
      found = { kind: "apply", start: found.start, end: argument.end, parts: [found, argument] };
    }
    return found;
  }

  #beginsOperand(): boolean {
    const letter = this.next();
    if (letter === 34 || letter === 40 || letter === 91 || letter === 123) return true; // `"`, `(`, `[`, `{`
    if (letter === 39 /* ' */ || letter === 126 /* ~ */) return true;
    const end = this.wordEnd();
    const keyword = end === this.at ? null : this.keyword(end);
    if (keyword !== null) return keyword === "" || keyword === "rec" || this.isPath();
    return (letter >= 48 && letter <= 57) || this.isPath() || this.isSearchPath();
  }

  #selection(): Outline | null {
    if (this.#depth >= maximumDepth) return null;
    this.#depth++;
    const found = this.#anySelection();
    this.#depth--;
    return found;
  }

  #anySelection(): Outline | null {
    const from = this.#simple();
    if (from === null || this.next() !== 46 /* . */ || this.isPath()) return from;
    this.at++;
    const names = this.#names(true);
    if (names === null) return null;
    if (!this.takeWord("or")) return this.#of("select", from.start, [from, names]);
    return this.#of("rest", from.start, [from, this.#selection()]);
  }

  #simple(): Outline | null {
    const letter = this.next();
    const start = this.at;
    switch (letter) {
      case 34: // `"`
        return this.#string();
      case 39: // `'`
        return this.#inIndented(start);
      case 40: {
        // `(`
        this.at++;
        const inside = this.#expression();
        return inside !== null && this.take(41) ? this.#closed("parentheses", start, [inside]) : null;
      }
      case 91: // `[`
        return this.#list(start);
      case 123: // `{`
        return this.#set(start, "set");
      case 60: // `<`
      case 126: // `~`
        return this.takeOther() ? this.#closed("rest", start) : null;
    }
    if (this.isPath()) return this.#path(start);
    if (letter >= 48 && letter <= 57) return this.takeNumber() ? this.#closed("rest", start) : null;
    if (this.keyword() === "rec") {
      this.at += 3;
      return this.next() === 123 ? this.#set(start, "rest") : null;
    }
    const name = this.#name();
    // A URL, or nothing that is known.
    return name !== null && this.text[this.at] === ":" ? null : name;
  }

  #set(start: number, kind: "set" | "rest"): Outline | null {
    this.at++;
    const bindings = this.#bindings();
    return bindings !== null && this.take(125 /* } */) ? this.#closed(kind, start, bindings) : null;
  }

  #list(start: number): Outline | null {
    this.at++;
    const elements: Outline[] = [];
    while (!this.take(93 /* ] */)) {
      const element = this.#beginsOperand() ? this.#selection() : null;
      if (element === null) return null;
      elements.push(element);
    }
    return this.#closed("list", start, elements);
  }

  #path(start: number): Outline | null {
    if (!this.takePath()) return null;
    if (this.text[this.at] !== "$") return this.#closed("path", start);
    while (this.text[this.at] === "$") {
      if (this.#hole() === null) return null;
      this.skipPathLetters();
    }
    return this.#closed("rest", start);
  }

  /** `${…}` */
  #hole(): Outline | null {
    const start = this.at;
    if (!this.text.startsWith("${", start)) return null;
    this.at += 2;
    const inside = this.#expression();
    return inside !== null && this.take(125 /* } */) ? this.#closed("rest", start) : null;
  }

  #string(): Outline | null {
    const start = this.at;
    this.at++;
    let isPlain = true;
    for (;;) {
      const stop = this.stringStop();
      if (stop === null) return null;
      if (stop === "end") break;
      isPlain = false;
      if (stop === "hole" && this.#hole() === null) return null;
    }
    return this.#closed(isPlain ? "string" : "rest", start);
  }

  #inIndented(start: number): Outline | null {
    if (!this.takeText("''")) return null;
    for (;;) {
      const stop = this.indentedStop();
      if (stop === null) return null;
      if (stop === "end") break;
      if (this.#hole() === null) return null;
    }
    return this.#closed("rest", start);
  }
}

function isWhole(parts: readonly (Outline | null)[]): parts is readonly Outline[] {
  return !parts.includes(null);
}
