import { wholeFrom } from "../nix/arguments";
import { select } from "../nix/select";
import { force, type Run, type Term, type Thunk, unwrap } from "../nix/terms";

/** How definitions of an option are merged. */
export type OptionType =
  | { readonly kind: "list"; readonly of: OptionType }
  | { readonly kind: "attrs"; readonly of: OptionType }
  /** Modules the user of the option adds to. */
  | { readonly kind: "submodule"; readonly modules: readonly Thunk[]; readonly native: OptionType | null }
  /** A Home Manager user's modules. */
  | { readonly kind: "home" }
  /** The outputs of a flake, as modules of flake-parts set them. */
  | { readonly kind: "flake" }
  /** Modules that are not evaluated here but imported elsewhere. */
  | { readonly kind: "deferred" }
  /** What is of the kind `from` goes through `by` first. */
  | { readonly kind: "coerced"; readonly from: string; readonly by: Thunk; readonly to: OptionType }
  /** A set of known options, and any others. */
  | { readonly kind: "options"; readonly options: ReadonlyMap<string, NativeOption> }
  /** No option but the way to those below; `others` are options that need no declaration. */
  | { readonly kind: "tree"; readonly below: ReadonlyMap<string, NativeOption>; readonly others?: OptionType }
  /** Strings, joined. */
  | { readonly kind: "text"; readonly between: string }
  /** An entry of a persistence module: a set, or its attribute `name` alone. */
  | { readonly kind: "entry"; readonly name: string }
  /** One value. */
  | { readonly kind: "one" }
  /** `mkEnableOption` of a well-known module: off unless it is set. */
  | { readonly kind: "switch" }
  /** Whatever the definitions are: sets are merged, lists joined. */
  | { readonly kind: "any" };

/** An option of nixpkgs or a well-known module. */
export interface NativeOption {
  readonly type: OptionType;
  /** The default; `path` is the option's, from the top. */
  readonly default?: (path: readonly string[]) => Term | null;
}

export const one: OptionType = { kind: "one" };
export const any: OptionType = { kind: "any" };

/** What a term that stands for a type says. */
export function typeOf(wrapped: Term, run: Run): OptionType {
  const term = unwrap(wrapped);
  if (term.kind !== "type") return any;
  const [first, second, third] = term.given;
  const inner = (thunk: Thunk | undefined): OptionType => (thunk === undefined ? any : typeOf(force(thunk), run));
  switch (term.name) {
    case "listOf":
    case "nonEmptyListOf":
      return { kind: "list", of: inner(first) };
    case "attrsOf":
    case "lazyAttrsOf":
      return { kind: "attrs", of: inner(first) };
    case "nullOr":
    case "uniq":
      return inner(first);
    case "unique":
    case "addCheck":
      return inner(term.name === "unique" ? second : first);
    case "coercedTo":
      return second === undefined ? any : { kind: "coerced", from: nameOf(first), by: second, to: inner(third) };
    case "submodule":
      return first === undefined ? any : { kind: "submodule", modules: modulesOf(first), native: null };
    case "submoduleWith": {
      const modules = first === undefined ? null : select(force(first), "modules", run);
      if (modules === null || first === undefined) return any;
      const elements = wholeFrom({ state: modules, span: first.span });
      return elements === null ? any : { kind: "submodule", modules: elements.map(({ value }) => value), native: null };
    }
    case "lines":
      return { kind: "text", between: "\n" };
    case "commas":
      return { kind: "text", between: "," };
    case "separatedString": {
      const between = first === undefined ? null : force(first);
      return between?.kind === "string" ? { kind: "text", between: between.text } : one;
    }
    case "deferredModule":
    case "deferredModuleWith":
      return { kind: "deferred" };
    case "attrs":
    case "anything":
    case "raw":
    case "unspecified":
    case "either":
    case "oneOf":
    case "functionTo":
    case "mkOptionType":
      return any;
    default:
      return one;
  }
}

/** The type of an option that is declared more than once. */
export function combined(a: OptionType, b: OptionType): OptionType {
  if (a.kind === "attrs" && b.kind === "attrs") return { kind: "attrs", of: combined(a.of, b.of) };
  if (a.kind === "list" && b.kind === "list") return { kind: "list", of: combined(a.of, b.of) };
  // Who declares such a list is the module: the well-known one is not there.
  if (a.kind === "entry") return b;
  if (a.kind === "submodule" && b.kind === "submodule")
    return { kind: "submodule", modules: [...a.modules, ...b.modules], native: a.native ?? b.native };
  if (a.kind === "options" && b.kind === "submodule") return { ...b, native: { kind: "tree", below: a.options } };
  return a.kind === "submodule" && b.kind === "options" ? combined(b, a) : a;
}

function modulesOf(given: Thunk): readonly Thunk[] {
  const term = force(given);
  return term.kind === "list" ? term.elements.map(({ value }) => value) : [given];
}

function nameOf(thunk: Thunk | undefined): string {
  const term = thunk === undefined ? null : force(thunk);
  return term?.kind === "type" ? term.name : "";
}

/** Whether a value is of the kind that a coerced type turns into another. */
export function isOfType(term: Term, type: string): boolean {
  switch (term.kind) {
    case "string":
      return ["str", "string", "nonEmptyStr", "singleLineStr", "path", "lines", "strMatching"].includes(type);
    case "path":
      return type === "path";
    case "list":
      return type === "listOf";
    case "bool":
      return type === "bool";
    case "integer":
      return type === "int" || type === "number";
    default:
      return false;
  }
}
