import { attrPath, child, firstExpression } from "../nix/nodes";
import { formalsOf } from "../nix/scope";
import { aboutNodes, type Node } from "../syntax/node";

/** The names that a set has at most, with those below them; null where what is below is not known. */
export type Names = ReadonlyMap<string, Names | null>;

/** What the text of a module says before the module is evaluated. */
export interface Ahead {
  /** The paths it imports, as written. */
  readonly imports: readonly Node[];
  /** What it sets and what it declares, null where it does not. */
  readonly config: Names | null;
  readonly options: Names | null;
  /** Whether that holds only where its argument `lib` is nixpkgs' library. */
  readonly usesLibrary: boolean;
}

type Building = Map<string, Building | null>;

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

/** What shows of the module that a function is; null where it has to be called to tell. `source` is the text the function is written in. */
export const aheadOf = aboutNodes((node, source): Ahead | null => {
  if (node.hasError) return null;
  const { names } = formalsOf(node, source);
  if ([...names.keys()].some((name) => wrappers.has(name))) return null;
  const reader = new Reader(source, names.has("lib"));
  const body = reader.bodyOf(child(node, "body"));
  return body?.type === "attrset_expression" ? reader.module(body) : null;
});

const plain = ["options", "config", "imports"];
const special = ["disabledModules", "_file", "key", "freeformType", "meta", "_class"];

class Reader {
  #usesLibrary = false;
  /** The library's functions that go by their bare names. */
  readonly #bare = new Set<string>();

  constructor(
    private readonly source: string,
    /** Whether `lib` is the argument of that name. */
    private readonly hasLibrary: boolean,
  ) {}

  /** What an expression ends in, where no name on the way gets another meaning that matters; else null. */
  bodyOf(start: Node | null): Node | null {
    let at = start;
    for (;;) {
      if (at?.type === "parenthesized_expression") at = firstExpression(at);
      else if (at?.type === "let_expression" && at.namedChildren.every((part) => this.#keepsNames(part)))
        at = child(at, "body");
      else if (at?.type === "with_expression" && this.#isLibrary(child(at, "environment"))) {
        for (const name of wrappers.keys()) this.#bare.add(name);
        at = child(at, "body");
      } else return at;
    }
  }

  #isLibrary(node: Node | null): boolean {
    return this.hasLibrary && node !== null && this.#text(node) === "lib";
  }

  #text(node: Node): string {
    return this.source.slice(node.startIndex, node.endIndex);
  }

  /** Whether the bindings of a `let` leave the names that matter what they are. `inherit (lib) mkIf;` does. */
  #keepsNames(part: Node): boolean {
    if (part.type !== "binding_set") return true;
    return part.namedChildren.every((binding) => {
      const names = attrPath(child(binding, binding.type === "binding" ? "attrpath" : "attrs"), this.source);
      const fromLibrary = binding.type === "inherit_from" && this.#isLibrary(child(binding, "expression"));
      return names.every(({ name }) => {
        if (name !== null && fromLibrary && wrappers.has(name)) this.#bare.add(name);
        else if (name === null || name === "lib" || wrappers.has(name)) return false;
        return true;
      });
    });
  }

  module(body: Node): Ahead | null {
    const bindings = bindingsOf(body);
    const heads = bindings?.map((binding) => this.#path(binding)?.[0] ?? null) ?? [null];
    if (bindings === null || heads.some((name) => name === null || special.includes(name))) return null;
    const at = (name: string): Node[] => bindings.filter((_, index) => heads[index] === name);
    const imports = this.#imports(at("imports"));
    const isLong = heads.some((name) => name === "config" || name === "options");
    const own = bindings.filter((_, index) => !plain.includes(heads[index] ?? ""));
    const config = isLong ? this.#part(at("config")) : this.#named(own, 0, 0);
    const options = this.#part(at("options"));
    if (imports === null || config === undefined || options === undefined) return null;
    return { imports, config, options, usesLibrary: this.#usesLibrary };
  }

  /** The names of `config = …;` or of `config.a = …; config.b = …;`, null where there is none of it; undefined where it does not show. */
  #part(bindings: readonly Node[]): Names | null | undefined {
    const [first] = bindings;
    if (first === undefined) return null;
    if (bindings.length === 1 && this.#path(first)?.length === 1) return this.#names(child(first, "expression"), 0);
    if (bindings.some((binding) => this.#path(binding)?.length === 1)) return undefined;
    return this.#named(bindings, 1, 0);
  }

  #imports(bindings: readonly Node[]): readonly Node[] | null {
    const [first] = bindings;
    if (first === undefined) return [];
    const list = child(first, "expression");
    if (bindings.length > 1 || this.#path(first)?.length !== 1 || list?.type !== "list_expression") return null;
    const paths = list.namedChildren.filter(({ type }) => type !== "comment");
    const isPath = (one: Node): boolean => one.type === "path_expression" && one.namedChildren.every(isFragment);
    return paths.every(isPath) ? paths : null;
  }

  /** The segments of a binding's path, as far as they are written out; null where the first is not, or it is no binding. */
  #path(binding: Node): readonly string[] | null {
    if (binding.type !== "binding") return null;
    const names: string[] = [];
    for (const { name } of attrPath(child(binding, "attrpath"), this.source)) {
      if (name === null) return names.length === 0 ? null : [...names, ""];
      names.push(name);
    }
    return names;
  }

  /** The names that bindings set, behind the first `from` segments of their paths; undefined where they do not show. */
  #named(bindings: readonly Node[], from: number, depth: number): Building | undefined {
    const found: Building = new Map();
    for (const binding of bindings) {
      if (binding.type !== "binding") {
        if (from > 0 || !this.#inherit(binding, found)) return undefined;
        continue;
      }
      const path = attrPath(child(binding, "attrpath"), this.source).slice(from);
      const [first, ...rest] = path;
      if (first === undefined || first.name === null) return undefined;
      let inner = this.#names(child(binding, "expression"), depth + path.length) ?? null;
      for (const { name } of rest.reverse()) inner = name === null ? null : new Map([[name, inner]]);
      join(found, first.name, inner);
    }
    return found;
  }

  #inherit(binding: Node, found: Building): boolean {
    if (binding.type !== "inherit" && binding.type !== "inherit_from") return false;
    for (const { name } of attrPath(child(binding, "attrs"), this.source)) {
      if (name === null) return false;
      join(found, name, null);
    }
    return true;
  }

  /** The names of the sets that an expression surely gives, `mkIf` and the like around them; undefined where it may give anything else. */
  #names(node: Node | null, depth: number): Building | undefined {
    if (depth > maximumDepth) return undefined;
    const body = this.bodyOf(node);
    if (body?.type === "attrset_expression") {
      const bindings = bindingsOf(body);
      return bindings === null ? undefined : this.#named(bindings, 0, depth);
    }
    if (body?.type !== "apply_expression") return undefined;
    const [callee, ...given] = flattened(body);
    const name = callee === undefined ? "" : this.#text(callee);
    const last = given[given.length - 1];
    const wrapper = name.startsWith("lib.") ? name.slice(4) : this.#bare.has(name) ? name : "";
    if (!this.hasLibrary || last === undefined || wrappers.get(wrapper) !== given.length) return undefined;
    this.#usesLibrary = true;
    if (wrapper !== "mkMerge") return this.#names(last, depth + 1);
    if (last.type !== "list_expression") return undefined;
    const all: Building = new Map();
    const parts = last.namedChildren.filter(({ type }) => type !== "comment");
    for (const part of parts) {
      const names = this.#names(part, depth + 1);
      if (names === undefined) return undefined;
      for (const [one, inner] of names) join(all, one, inner);
    }
    return parts.length === 0 ? undefined : all;
  }
}

/** The function that is called and what it is given. */
function flattened(node: Node): readonly Node[] {
  const found: Node[] = [];
  let at: Node | null = node;
  for (; at?.type === "apply_expression" && found.length < 3; at = child(at, "function")) {
    const argument = child(at, "argument");
    if (argument !== null) found.push(argument);
  }
  return at === null ? [] : [at, ...found.reverse()];
}

function bindingsOf(set: Node): readonly Node[] | null {
  const found: Node[] = [];
  for (const part of set.namedChildren) {
    if (part.type === "comment") continue;
    if (part.type !== "binding_set") return null;
    for (const binding of part.namedChildren) if (binding.type !== "comment") found.push(binding);
  }
  return found;
}

function isFragment({ type }: Node): boolean {
  return type === "path_fragment";
}

/** Adds what is below a name; `inner` becomes a part of `names`. */
function join(names: Building, name: string, inner: Building | null): void {
  const known = names.get(name);
  if (known === undefined) names.set(name, inner);
  else if (known === null || inner === null) names.set(name, null);
  else for (const [one, below] of inner) join(known, one, below);
}
