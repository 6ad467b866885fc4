import { attributes } from "./libraryAttrs";
import { fileFunctions } from "./libraryFiles";
import { lists } from "./libraryLists";
import { matching } from "./libraryMatch";
import { merges } from "./libraryMerges";
import { modules, trivial } from "./libraryModules";
import { options, typeNamed } from "./libraryOptions";
import { questions } from "./libraryQuestions";
import { texts } from "./libraryText";
import { type Builtin, bool, type Term, unknown } from "./terms";

/** The functions of `lib` that are followed. */
const functions: ReadonlyMap<string, Builtin> = new Map([
  ...Object.entries(lists),
  ...Object.entries(questions),
  ...Object.entries(attributes),
  ...Object.entries(merges),
  ...Object.entries(texts),
  ...Object.entries(modules),
  ...Object.entries(trivial),
  ...Object.entries(matching),
  ...Object.entries(fileFunctions),
  ...Object.entries(options),
]);

/** Those that are in `builtins`, too. */
const inBuiltins = new Set(
  `add all any attrNames attrValues baseNameOf catAttrs concatLists concatMap concatStringsSep deepSeq dirOf div elem elemAt filter
  foldl' fromJSON genList getAttr hasAttr head import intersectAttrs isAttrs isBool isFunction isInt isList isNull isPath isString length lessThan
  listToAttrs map mapAttrs match mul pathExists readDir readFile readFileType removeAttrs replaceStrings seq stringLength sub substring tail toString trace zipAttrsWith`.split(
    /\s+/,
  ),
);

const inGlobal = new Set(["import", "map", "toString", "removeAttrs", "baseNameOf", "dirOf", "isNull"]);

/** Not in `lib` under these names. */
const notInLibrary = new Set([
  "import",
  "readDir",
  "readFile",
  "pathExists",
  "fromJSON",
  "map",
  "removeAttrs",
  "baseNameOf",
  "dirOf",
  "isNull",
]);

const parts = new Set(["lists", "attrsets", "strings", "trivial", "modules", "options", "filesystem", "lib"]);

/** `true`, `map`, `builtins`: the names every expression has, and no `with` hides. */
export function global(name: string): Term | null {
  if (name === "true" || name === "false") return bool(name === "true");
  if (name === "null") return { kind: "null" };
  if (name === "builtins") return { kind: "library", builtins: true };
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
  if (!builtins && name === "types") return { kind: "library", builtins: false, types: true };
  if (library.kind === "library" && library.types === true) return typeNamed(name);
  if (!builtins && parts.has(name)) return { kind: "library", builtins: false };
  if (builtins && ["true", "false", "null", "builtins"].includes(name))
    return global(name) ?? unknown(`\`${name}\` is not resolved`);
  const known = builtins ? inBuiltins.has(name) : functions.has(name);
  return (known ? named(name) : null) ?? unknown(`\`${name}\` is not resolved`);
}
