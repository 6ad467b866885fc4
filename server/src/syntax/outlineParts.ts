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

/** Reads what expressions are made of: the arguments of functions, bindings with their names, strings and paths. */
export abstract class OutlineParts extends Letters {
  protected abstract expression(): Outline | null;

  /** What ends with its last part. */
  protected of(kind: OutlineKind, start: number, parts: readonly (Outline | null)[]): Outline | null {
    return isWhole(parts) ? { kind, start, end: parts[parts.length - 1]?.end ?? this.at, parts } : null;
  }

  /** What ends with the letter that was taken last. */
  protected closed(kind: OutlineKind, start: number, parts: readonly Outline[] = none): Outline {
    return { kind, start, end: this.at, parts };
  }

  /** Whether a brace opens the arguments of a function and not a set. */
  protected beginsFormals(): boolean {
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
  protected formals(): readonly Outline[] | null {
    const names: Outline[] = [];
    this.at++;
    while (!this.take(125 /* } */)) {
      if (this.takeText("...")) {
        this.take(44 /* , */);
        if (!this.take(125)) return null;
        break;
      }
      const name = this.name();
      if (name === null) return null;
      names.push(name);
      if (this.take(63 /* ? */) && this.expression() === null) return null;
      if (!this.take(44) && this.next() !== 125) return null;
    }
    if (this.take(64 /* @ */) && this.name() === null) return null;
    return names;
  }

  protected name(): Outline | null {
    this.next();
    const start = this.at;
    const end = this.wordEnd();
    if (end === start || this.keyword(end) !== "") return null;
    this.at = end;
    return this.closed("name", start);
  }

  /** Bindings up to what is none. */
  protected bindings(): readonly Outline[] | null {
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
    const names = this.names(true);
    if (names === null || !this.take(61 /* = */)) return null;
    const value = this.expression();
    return value === null || !this.take(59 /* ; */) ? null : this.closed("binding", start, [names, value]);
  }

  #inherit(start: number): Outline | null {
    this.at += "inherit".length;
    let from: Outline | null = null;
    if (this.take(40 /* ( */)) {
      from = this.expression();
      if (from === null || !this.take(41 /* ) */)) return null;
    }
    const names = this.names(false);
    if (names === null || !this.take(59)) return null;
    return from === null ? this.closed("inherit", start, [names]) : this.closed("inherit_from", start, [from, names]);
  }

  /** An attribute path, or the names that are inherited. */
  protected names(isPath: boolean): Outline | null {
    this.next();
    const start = this.at;
    if (isPath && this.takeDotted()) return this.closed("names", start);
    const names: Outline[] = [];
    for (;;) {
      const letter = this.next();
      const part = letter === 34 /* " */ ? this.string() : letter === 36 /* $ */ ? this.#hole() : this.name();
      if (part === null) return null;
      names.push(part);
      const isLast = isPath ? this.next() !== 46 /* . */ || this.isPath() : this.next() === 59;
      if (isLast) break;
      if (isPath) this.at++;
    }
    return this.of("names", start, names);
  }

  protected path(start: number): Outline | null {
    if (!this.takePath()) return null;
    if (this.text[this.at] !== "$") return this.closed("path", start);
    while (this.text[this.at] === "$") {
      if (this.#hole() === null) return null;
      this.skipPathLetters();
    }
    return this.closed("rest", start);
  }

  /** `${…}` */
  #hole(): Outline | null {
    const start = this.at;
    if (!this.text.startsWith("${", start)) return null;
    this.at += 2;
    const inside = this.expression();
    return inside !== null && this.take(125 /* } */) ? this.closed("rest", start) : null;
  }

  protected string(): Outline | null {
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
    return this.closed(isPlain ? "string" : "rest", start);
  }

  protected inIndented(start: number): Outline | null {
    if (!this.takeText("''")) return null;
    for (;;) {
      const stop = this.indentedStop();
      if (stop === null) return null;
      if (stop === "end") break;
      if (this.#hole() === null) return null;
    }
    return this.closed("rest", start);
  }
}

const none: readonly Outline[] = [];

function isWhole(parts: readonly (Outline | null)[]): parts is readonly Outline[] {
  return !parts.includes(null);
}
