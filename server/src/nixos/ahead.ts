import { libraryMember } from "../nix/library";
import type { Source } from "../nix/nodes";
import { newRun, ready, type Thunk, unknown } from "../nix/terms";
import { aboutNodes } from "../syntax/node";
import { type Outline, outlineOf } from "../syntax/outline";
import type { Span } from "../syntax/span";

/** The names that a set has at most, with what is below them; null where that is not known. */
export type Names = ReadonlyMap<string, Names | Told | null>;

/** A value that does not depend on what the module is called with: `mkEnableOption "…"`. */
export class Told {
  constructor(readonly value: Thunk) {}
}

/** A path that is imported, where it is written. */
export interface Import extends Span {
  /** What stands behind the path of nixpkgs' modules: `(modulesPath + "/x.nix")`; null for a path as it is. */
  readonly ofNixpkgs: string | null;
}

/** What the text of a module says before the module is evaluated. */
export interface Ahead {
  /** Where the function that it is begins. */
  readonly offset: number;
  readonly imports: readonly Import[];
  /** What it sets and what it declares, null where it does not. */
  readonly config: Names | null;
  readonly options: Names | null;
  /** The option, by its path, that all it sets stands under: `config = lib.mkIf cfg.enable { … }`. Null where it does not show. */
  readonly switchedBy: readonly string[] | null;
  /** Whether that holds only where its argument `lib` is nixpkgs' library. */
  readonly usesLibrary: boolean;
}

type Building = Map<string, Building | Told | null>;

/** Deeper sets are not looked into. */
const maximumDepth = 6;

/** Names that mean the library's functions, as long as nothing else is called so. */
const wrappers: ReadonlyMap<string, number> = new Map([
  ["mkIf", 2],
  ["mkMerge", 1],
  ["mkForce", 1],
  ["mkDefault", 1],
  ["mkBefore", 1],
  ["mkAfter", 1],
  ["mkOverride", 2],
  ["mkOrder", 2],
]);

const switching = "mkEnableOption";

const files = new WeakMap<Source, { readonly ahead: Ahead | null }>();

/** What shows of the module that a file is; null where it has to be called to tell, or is no function. */
export function aheadOfFile(source: Source): Ahead | null {
  let known = files.get(source);
  if (known === undefined) {
    known = { ahead: aheadIn(source.text) };
    files.set(source, known);
  }
  return known.ahead;
}

/** The same of a function that is a part of a file. */
export const aheadOf = aboutNodes((node, source): Ahead | null =>
  node.hasError ? null : aheadIn(source, node.startIndex, node.endIndex),
);

function aheadIn(text: string, start = 0, end = text.length): Ahead | null {
  const outline = outlineOf(text, start, end);
  const body = outline?.parts[outline.parts.length - 1];
  if (outline?.kind !== "function" || body === undefined) return null;
  const names = outline.parts.slice(0, -1).map((name) => text.slice(name.start, name.end));
  if (names.some(isOfLibrary)) return null;
  const reader = new Reader(text, names);
  const set = reader.bodyOf(body);
  return set?.kind === "set" ? reader.module(set, outline.start) : null;
}

const plain = ["options", "config", "imports"];
const special = ["disabledModules", "_file", "key", "freeformType", "meta", "_class"];

class Reader {
  #usesLibrary = false;
  /** The library's functions that go by their bare names. */
  readonly #bare = new Set<string>();
  /** What the names of the outermost `let` stand for, where that is written as a path of names. */
  readonly #bound = new Map<string, readonly string[] | null>();
  /** Whether `lib` is the argument of that name. */
  readonly #hasLibrary: boolean;

  constructor(
    private readonly text: string,
    /** The names of the arguments. */
    private readonly names: readonly string[],
  ) {
    this.#hasLibrary = names.includes("lib");
  }

  /** Whether a name means the argument that it is called with. */
  #isArgument(name: string): boolean {
    return this.names.includes(name) && !this.#bound.has(name);
  }

  /** What an expression ends in, where no name on the way gets another meaning that matters; else null. */
  bodyOf(start: Outline): Outline | null {
    let at: Outline | undefined = start;
    for (;;) {
      if (at?.kind === "parentheses") at = at.parts[0];
      else if (at?.kind === "let" && at.parts.slice(0, -1).every((binding) => this.#keepsNames(binding)))
        at = at.parts[at.parts.length - 1];
      else if (at?.kind === "with" && this.#isLibrary(at.parts[0])) {
        for (const name of wrappers.keys()) this.#bare.add(name);
        this.#bare.add(switching);
        at = at.parts[1];
      } else return at ?? null;
    }
  }

  #isLibrary(part: Outline | undefined): boolean {
    return this.#hasLibrary && part !== undefined && this.#textOf(part) === "lib";
  }

  #textOf({ start, end }: Span): string {
    return this.text.slice(start, end);
  }

  /** Whether a binding of a `let` leaves the names that matter what they are. `inherit (lib) mkIf;` does. */
  #keepsNames({ kind, parts }: Outline): boolean {
    const fromLibrary = kind === "inherit_from" && this.#isLibrary(parts[0]);
    const names = this.#namesIn(parts[kind === "inherit_from" ? 1 : 0]);
    const value = kind === "binding" && names.length === 1 ? this.#written(parts[1]) : null;
    return names.every((name) => {
      const isWrapper = name !== null && isOfLibrary(name);
      if (isWrapper && fromLibrary) this.#bare.add(name);
      else if (name === null || name === "lib" || isWrapper) return false;
      else this.#bound.set(name, this.#bound.has(name) ? null : value);
      return true;
    });
  }

  module(body: Outline, offset: number): Ahead | null {
    const heads = body.parts.map((binding) => this.#path(binding)?.[0] ?? null);
    if (heads.some((name) => name === null || special.includes(name))) return null;
    const at = (name: string): Outline[] => body.parts.filter((_, index) => heads[index] === name);
    const imports = this.#imports(at("imports"));
    const isLong = heads.some((name) => name === "config" || name === "options");
    const own = body.parts.filter((_, index) => !plain.includes(heads[index] ?? ""));
    const switchedBy = this.#switchOf(at("config"));
    const config = isLong ? this.#part(at("config")) : this.#named(own, 0, 0);
    const options = this.#part(at("options"));
    if (imports === null || config === undefined || options === undefined) return null;
    return { offset, imports, config, options, switchedBy, usesLibrary: this.#usesLibrary };
  }

  /** The names of `config = …;` or of `config.a = …; config.b = …;`, null where there is none of it; undefined where it does not show. */
  #part(bindings: readonly Outline[]): Names | null | undefined {
    const [first] = bindings;
    if (first === undefined) return null;
    if (bindings.length === 1 && this.#path(first)?.length === 1) return this.#names(first.parts[1], 0);
    if (bindings.some((binding) => this.#path(binding)?.length === 1)) return undefined;
    return this.#named(bindings, 1, 0);
  }

  #imports(bindings: readonly Outline[]): readonly Import[] | null {
    const [first] = bindings;
    if (first === undefined) return [];
    const list = first.parts[1];
    if (bindings.length > 1 || this.#path(first)?.length !== 1 || list?.kind !== "list") return null;
    const found = list.parts.flatMap((part) => this.#import(part) ?? []);
    return found.length === list.parts.length ? found : null;
  }

  #import(part: Outline): Import | null {
    const { kind, start, end } = part;
    if (kind === "path") return { start, end, ofNixpkgs: null };
    const below = kind === "parentheses" ? behindModulesPath.exec(this.#textOf(part)) : null;
    return below === null || !this.#isArgument("modulesPath") ? null : { start, end, ofNixpkgs: below[1] ?? "" };
  }

  /** The option that `config = mkIf a.b c;` depends on. */
  #switchOf([only, ...others]: readonly Outline[]): readonly string[] | null {
    if (only === undefined || others.length > 0 || this.#path(only)?.length !== 1) return null;
    let at = only.parts[1];
    while (at?.kind === "parentheses") at = at.parts[0];
    const [callee, condition, value] = at?.kind === "apply" ? flattened(at) : [];
    if (callee === undefined || value === undefined || this.#functionOf(callee) !== "mkIf") return null;
    let path = this.#written(condition);
    // `cfg` stands for what it is bound to, whose first name may be bound, too.
    for (let turn = 0; path !== null && turn < fewNames; turn++) {
      const [head = "", ...rest] = path;
      const bound = this.#bound.get(head);
      if (bound === undefined) return head === "config" && this.#isArgument(head) ? rest : null;
      path = bound === null ? null : [...bound, ...rest];
    }
    return null;
  }

  /** `a.b.c`, as it is written; null for anything else. */
  #written(part: Outline | undefined): readonly string[] | null {
    if (part?.kind === "parentheses") return this.#written(part.parts[0]);
    if (part?.kind === "name") return [this.#textOf(part)];
    const [from, names] = part?.kind === "select" ? part.parts : [];
    const path = from?.kind === "name" ? [this.#textOf(from), ...this.#namesIn(names)] : [null];
    const known = path.flatMap((name) => name ?? []);
    return known.length < path.length ? null : known;
  }

  /** The names of an attribute path; null for those that are computed. */
  #namesIn(names: Outline | undefined): readonly (string | null)[] {
    if (names?.kind === "names" && names.parts.length === 0) return this.#textOf(names).split(".");
    return (names?.parts ?? []).map((part) => {
      if (part.kind === "name") return this.#textOf(part);
      const text = part.kind === "string" ? this.#textOf(part).slice(1, -1) : "$";
      return /[$\r]/.test(text) ? null : text;
    });
  }

  /** The segments of a binding's path, as far as they are written out; null where the first is not, or it is no binding. */
  #path({ kind, parts }: Outline): readonly string[] | null {
    if (kind !== "binding") return null;
    const names: string[] = [];
    for (const name of this.#namesIn(parts[0])) {
      if (name === null) return names.length === 0 ? null : [...names, ""];
      names.push(name);
    }
    return names;
  }

  /** The names that bindings set, behind the first `from` segments of their paths; undefined where they do not show. */
  #named(bindings: readonly Outline[], from: number, depth: number): Building | undefined {
    const found: Building = new Map();
    for (const binding of bindings) {
      if (binding.kind !== "binding") {
        if (from > 0 || !this.#inherit(binding, found)) return undefined;
        continue;
      }
      const [first, ...rest] = this.#namesIn(binding.parts[0]).slice(from);
      if (first == null) return undefined;
      let inner = this.#inside(binding.parts[1], depth + rest.length + 1);
      for (const name of rest.reverse()) inner = name === null ? null : new Map([[name, inner]]);
      join(found, first, inner);
    }
    return found;
  }

  #inherit({ kind, parts }: Outline, found: Building): boolean {
    for (const name of this.#namesIn(parts[kind === "inherit" ? 0 : 1])) {
      if (name === null) return false;
      join(found, name, null);
    }
    return true;
  }

  /** What shows of a value. */
  #inside(value: Outline | undefined, depth: number): Building | Told | null {
    const [callee, text, ...others] = value?.kind === "apply" ? flattened(value) : [];
    if (callee === undefined || text === undefined || others.length > 0 || this.#functionOf(callee) !== switching)
      return this.#names(value, depth) ?? null;
    this.#usesLibrary = true;
    return isOff;
  }

  /** The names of the sets that an expression surely gives, `mkIf` and the like around them; undefined where it may give anything else. */
  #names(value: Outline | undefined, depth: number): Building | undefined {
    if (value === undefined || depth > maximumDepth) return undefined;
    const body = this.bodyOf(value);
    if (body?.kind === "set") return this.#named(body.parts, 0, depth);
    if (body?.kind !== "apply") return undefined;
    const [callee, ...given] = flattened(body);
    const last = given[given.length - 1];
    const wrapper = callee === undefined ? "" : this.#functionOf(callee);
    if (last === undefined || wrappers.get(wrapper) !== given.length) return undefined;
    this.#usesLibrary = true;
    if (wrapper !== "mkMerge") return this.#names(last, depth + 1);
    if (last.kind !== "list") return undefined;
    const all: Building = new Map();
    for (const part of last.parts) {
      const names = this.#names(part, depth + 1);
      if (names === undefined) return undefined;
      for (const [one, inner] of names) join(all, one, inner);
    }
    return last.parts.length === 0 ? undefined : all;
  }

  /** The name of the library's function that an expression means; empty for any other. */
  #functionOf(callee: Outline): string {
    const name = this.#textOf(callee);
    if (!this.#hasLibrary) return "";
    return name.startsWith("lib.") ? name.slice(4) : this.#bare.has(name) ? name : "";
  }
}

const behindModulesPath = /^\(\s*modulesPath\s*\+\s*"([^"\\$\r\n]*)"\s*\)$/;

/** So many names lead to an option, one to the next. */
const fewNames = 4;

/** What `mkEnableOption` declares, whatever it is described as. */
export const isOff = new Told(switchedOff());

function switchedOff(): Thunk {
  const at = { start: 0, end: 0 };
  const declare = libraryMember({ kind: "library", builtins: false }, switching);
  const option = declare.kind === "builtin" ? declare.builtin.run([], { run: newRun(""), at }) : null;
  return ready(option ?? unknown("there is no such function"), at);
}

function isOfLibrary(name: string): boolean {
  return wrappers.has(name) || name === switching;
}

/** The function that is called and what it is given. */
function flattened(outline: Outline): readonly Outline[] {
  const found: Outline[] = [];
  let at: Outline | undefined = outline;
  for (; at?.kind === "apply" && found.length < 3; at = at.parts[0])
    if (at.parts[1] !== undefined) found.push(at.parts[1]);
  return at === undefined ? [] : [at, ...found.reverse()];
}

/** Adds what is below a name; `inner` becomes a part of `names`. */
function join(names: Building, name: string, inner: Building | Told | null): void {
  const known = names.get(name);
  if (known === undefined) names.set(name, inner);
  else if (known instanceof Map && inner instanceof Map) for (const [one, below] of inner) join(known, one, below);
  else names.set(name, null);
}
