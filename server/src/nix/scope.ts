import { aboutNodes, type Node } from "../syntax/node";
import { type Names, namesOf } from "./attrs";
import { evaluate } from "./evaluate";
import { global, isLibraryName, isMember, libraryMember } from "./library";
import { child, span } from "./nodes";
import { select } from "./select";
import { delay, force, forceRaw, newRun, type Run, ready, shared, type Term, type Thunk, unknown } from "./terms";

/** Where an expression stands: the names it can use, innermost first. */
export interface Scope {
  readonly run: Run;
  readonly frame: Frame | null;
  /** True in the body of a function that is being called: the same text may give other values elsewhere. */
  readonly applied: boolean;
}

/** An expression that another one ends in, and the names it can use. */
export interface Tail {
  readonly node: Node | null;
  readonly scope: Scope;
}

type Frame =
  | { readonly kind: "names"; readonly find: (name: string) => Thunk | null; readonly parent: Frame | null }
  | { readonly kind: "with"; readonly set: Thunk; readonly parent: Frame | null };

/** The scope of a whole file. */
export function rootScope(source: string, run: Run = newRun(source)): Scope {
  return { run, frame: null, applied: false };
}

function inside(scope: Scope, find: (name: string) => Thunk | null, applied = scope.applied): Scope {
  return { ...scope, frame: { kind: "names", find, parent: scope.frame }, applied };
}

/** The scope inside a `let … in` or a `rec { … }`, whose bindings see one another. */
export function recursiveScope(scope: Scope, node: Node): Scope {
  let names: Names | null = null;
  const inner = inside(scope, (name) => {
    names ??= namesOf(node, scope, inner);
    return names(name);
  });
  return inner;
}

export function withScope(scope: Scope, node: Node): Scope {
  const environment = child(node, "environment");
  const at = span(environment ?? node);
  const set = delay(at, () => evaluate(environment, scope));
  return { ...scope, frame: { kind: "with", set, parent: scope.frame } };
}

/**
 * The scope of a function's body; `argument` is null where it is not known what the function is called with.
 * `applied` is false where the text of the body stands for one call only.
 */
export function functionScope(scope: Scope, node: Node, argument: Thunk | null, applied = argument !== null): Scope {
  const at = span(node);
  const { whole, names } = formalsOf(node, scope.run.source);
  const known = new Map<string, Thunk>();
  const inner = inside(scope, find, scope.applied || applied);
  function find(name: string): Thunk | null {
    if (name !== whole && !names.has(name)) return null;
    let thunk = known.get(name);
    if (thunk === undefined) {
      thunk = bound(name);
      known.set(name, thunk);
    }
    return thunk;
  }
  function bound(name: string): Thunk {
    if (argument === null) {
      const reason = `\`${name}\` is an argument`;
      return ready(name === whole ? { ...unknown(reason), argument: true } : unknown(reason), at);
    }
    if (name === whole) return argument;
    return delay(at, () => {
      const found = select(force(argument), name, scope.run);
      if (found !== null) return found;
      const otherwise = names.get(name) ?? null;
      return otherwise === null ? unknown(`\`${name}\` is not given`) : evaluate(otherwise, inner);
    });
  }
  return inner;
}

/** What a function says of its argument. */
export interface Formals {
  /** The name of the whole argument; null where it has none. */
  readonly whole: string | null;
  /** Whether it takes a set apart: `{ a, b ? c, ... }`. */
  readonly isSet: boolean;
  /** The names of the set's attributes, with their defaults. */
  readonly names: ReadonlyMap<string, Node | null>;
  /** Whether the set may have others. */
  readonly isOpen: boolean;
}

export const formalsOf = aboutNodes((node, source): Formals => {
  const textOf = (part: Node): string => source.slice(part.startIndex, part.endIndex);
  const universal = child(node, "universal");
  const formals = child(node, "formals");
  const names = new Map<string, Node | null>();
  for (const formal of formals?.namedChildren ?? []) {
    const name = child(formal, "name");
    if (formal.type === "formal" && name !== null) names.set(textOf(name), child(formal, "default"));
  }
  const whole = universal === null ? null : textOf(universal);
  return { whole, isSet: formals !== null, names, isOpen: child(formals, "ellipses") !== null };
});

/** What a name stands for: the innermost `let`, `rec` or function that binds it, else Nix's own names, else the innermost `with` that has it. */
export function lookUp(scope: Scope, name: string): Term {
  for (let frame = scope.frame; frame !== null; frame = frame.parent) {
    const thunk = frame.kind === "names" ? frame.find(name) : null;
    if (thunk === null) continue;
    // As it is: `mkForce` keeps its force under a name.
    const term = forceRaw(thunk);
    // Whatever is called `lib` and is not written here is taken for nixpkgs' own.
    return name === "lib" && term.kind === "unknown" ? { kind: "library", builtins: false } : term;
  }
  return global(name) ?? fromWith(scope, name) ?? unknown(`\`${name}\` is not resolved`);
}

function fromWith(scope: Scope, name: string): Term | null {
  const known = isLibraryName(name);
  let open = false;
  for (let frame = scope.frame; frame !== null; frame = frame.parent) {
    if (frame.kind !== "with") continue;
    const set = force(frame.set);
    if (set.kind === "library") {
      // `with types; { enable = mkOpt bool …; }`: names that it hardly has are looked for further out.
      if (isMember(set, name) || !isFurtherOut(frame.parent, name, scope.run)) return libraryMember(set, name);
      continue;
    }
    const found = select(set, name, scope.run);
    if (found?.kind === "unknown" && set.kind !== "attrs") {
      // Hardly any other set has a function of the library, so that is looked for further out.
      if (!known) return found.lasting === true && !isFurtherOut(frame.parent, name, scope.run) ? found : null;
      open = true;
    } else if (found !== null) return shared(found);
  }
  const library = { kind: "library", builtins: false } as const;
  if (name === "lib") return library;
  return known && !open ? libraryMember(library, name) : null;
}

/** Whether a `with` further out may have the name. */
function isFurtherOut(from: Frame | null, name: string, run: Run): boolean {
  for (let frame = from; frame !== null; frame = frame.parent) {
    const set = frame.kind === "with" ? force(frame.set) : null;
    if (set?.kind === "library" ? isMember(set, name) : set !== null && select(set, name, run) !== null) return true;
  }
  return false;
}
