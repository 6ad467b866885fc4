import { type Outline, OutlineParts } from "./outlineParts";

export type { Outline };

/**
 * The outline of the expression between two offsets, by default of all the text, from one pass over it: ten times faster than the parser,
 * and without its memory. Null where the text is anything the parser may refuse or read in another way, and for what hardly anybody writes.
 */
export function outlineOf(text: string, start = 0, end = text.length): Outline | null {
  return new Outliner(text, start, end).whole();
}

const none: readonly Outline[] = [];
const maximumDepth = 100;

class Outliner extends OutlineParts {
  #depth = 0;

  whole(): Outline | null {
    // The parser takes it for the end of the text, even in a comment.
    if (this.text.slice(this.at, this.end).includes("\0")) return null;
    const found = this.expression();
    return found !== null && this.next() === -1 ? found : null;
  }

  protected expression(): Outline | null {
    if (this.#depth >= maximumDepth) return null;
    this.#depth++;
    const found = this.#anyExpression();
    this.#depth--;
    return found;
  }

  #anyExpression(): Outline | null {
    const letter = this.next();
    const start = this.at;
    if (letter === 123 /* { */ && this.beginsFormals()) return this.#function(start, this.formals());
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
      return this.#function(start, this.next() === 123 ? this.formals() : null);
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
        const first = this.expression();
        if (first === null || !this.take(59 /* ; */)) return null;
        return this.of(word === "with" ? "with" : "rest", start, [first, this.expression()]);
      }
      case "if": {
        this.at += word.length;
        const parts = [this.expression()];
        for (const then of ["then", "else"]) parts.push(this.takeWord(then) ? this.expression() : null);
        return this.of("rest", start, parts);
      }
      default:
        return this.#operation();
    }
  }

  #function(start: number, names: readonly Outline[] | null): Outline | null {
    if (names === null || !this.take(58 /* : */)) return null;
    return this.of("function", start, [...names, this.expression()]);
  }

  #let(start: number): Outline | null {
    this.at += 3;
    const bindings = this.next() === 123 ? null : this.bindings();
    if (bindings === null || !this.takeWord("in")) return null;
    return this.of("let", start, [...bindings, this.expression()]);
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
        last = this.names(true);
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
    const names = this.names(true);
    if (names === null) return null;
    if (!this.takeWord("or")) return this.of("select", from.start, [from, names]);
    return this.of("rest", from.start, [from, this.#selection()]);
  }

  #simple(): Outline | null {
    const letter = this.next();
    const start = this.at;
    switch (letter) {
      case 34: // `"`
        return this.string();
      case 39: // `'`
        return this.inIndented(start);
      case 40: {
        // `(`
        this.at++;
        const inside = this.expression();
        return inside !== null && this.take(41) ? this.closed("parentheses", start, [inside]) : null;
      }
      case 91: // `[`
        return this.#list(start);
      case 123: // `{`
        return this.#set(start, "set");
      case 60: // `<`
      case 126: // `~`
        return this.takeOther() ? this.closed("rest", start) : null;
    }
    if (this.isPath()) return this.path(start);
    if (letter >= 48 && letter <= 57) return this.takeNumber() ? this.closed("rest", start) : null;
    if (this.keyword() === "rec") {
      this.at += 3;
      return this.next() === 123 ? this.#set(start, "rest") : null;
    }
    const name = this.name();
    // A URL, or nothing that is known.
    return name !== null && this.text[this.at] === ":" ? null : name;
  }

  #set(start: number, kind: "set" | "rest"): Outline | null {
    this.at++;
    const bindings = this.bindings();
    return bindings !== null && this.take(125 /* } */) ? this.closed(kind, start, bindings) : null;
  }

  #list(start: number): Outline | null {
    this.at++;
    const elements: Outline[] = [];
    while (!this.take(93 /* ] */)) {
      const element = this.#beginsOperand() ? this.#selection() : null;
      if (element === null) return null;
      elements.push(element);
    }
    return this.closed("list", start, elements);
  }
}
