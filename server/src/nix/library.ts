import { attributes } from "./libraryAttrs";
import { lists } from "./libraryLists";
import { merges } from "./libraryMerges";
import { modules, trivial } from "./libraryModules";
import { questions } from "./libraryQuestions";
import { texts } from "./libraryText";
import { type Builtin, bool, excerpt, force, type Term, unknown } from "./terms";

/** The functions of `lib` that are followed. */
const functions: ReadonlyMap<string, Builtin> = new Map([
  ...Object.entries(lists),
  ...Object.entries(questions),
  ...Object.entries(attributes),
  ...Object.entries(merges),
  ...Object.entries(texts),
  ...Object.entries(modules),
  ...Object.entries(trivial),
]);

/** Those that are in `builtins`, too. */
const inBuiltins = new Set(
  `add all any attrNames attrValues baseNameOf catAttrs concatLists concatMap concatStringsSep deepSeq dirOf div elem elemAt filter
  foldl' genList getAttr hasAttr head intersectAttrs isAttrs isBool isFunction isInt isList isNull isPath isString length lessThan
  listToAttrs map mapAttrs mul removeAttrs replaceStrings seq stringLength sub substring tail toString trace zipAttrsWith`.split(
    /\s+/,
  ),
);

const inGlobal = new Set(["map", "toString", "removeAttrs", "baseNameOf", "dirOf", "isNull"]);

/** Not in `lib` under these names. */
const notInLibrary = new Set(["map", "removeAttrs", "baseNameOf", "dirOf", "isNull"]);

const parts = new Set(["lists", "attrsets", "strings", "trivial", "modules", "lib"]);

const importing: Builtin = {
  arity: 1,
  run: ([file], { run, at }) => {
    const term = file === undefined ? null : force(file);
    const name =
      term?.kind === "path" || term?.kind === "string" ? `\`${term.text.slice(0, 60)}\`` : excerpt(run.source, at);
    return { ...unknown(`${name} is another file`), lasting: true };
  },
};

/** `true`, `map`, `builtins`: the names every expression has, and no `with` hides. */
export function global(name: string): Term | null {
  if (name === "true" || name === "false") return bool(name === "true");
  if (name === "null") return { kind: "null" };
  if (name === "builtins") return { kind: "library", builtins: true };
  if (name === "import") return { kind: "builtin", builtin: importing, given: [] };
  return inGlobal.has(name) ? named(name) : null;
}

function named(name: string): Term | null {
  const builtin = functions.get(name);
  return builtin === undefined ? null : { kind: "builtin", builtin, given: [] };
}

export function isLibraryName(name: string): boolean {
  return functions.has(name) && !notInLibrary.has(name);
}

/** `lib.name`, `lib.lists` or `builtins.name`. */
export function libraryMember(library: Term, name: string): Term {
  const builtins = library.kind === "library" && library.builtins;
  if (!builtins && parts.has(name)) return { kind: "library", builtins: false };
  if (builtins && ["true", "false", "null", "builtins", "import"].includes(name))
    return global(name) ?? unknown(`\`${name}\` is not resolved`);
  const known = builtins ? inBuiltins.has(name) : functions.has(name);
  return (known ? named(name) : null) ?? unknown(`\`${name}\` is not resolved`);
}
