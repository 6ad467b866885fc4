import { asserts } from "./libraryAsserts";
import { attributes } from "./libraryAttrs";
import { extended, fixedPoints } from "./libraryExtend";
import { fileFunctions } from "./libraryFiles";
import { filesetLibrary } from "./libraryFileset";
import { groups } from "./libraryGroups";
import { lists } from "./libraryLists";
import { matching } from "./libraryMatch";
import { merges } from "./libraryMerges";
import { modules, trivial } from "./libraryModules";
import { isTypeName, options, typeNamed } from "./libraryOptions";
import { pathLibrary, paths } from "./libraryPaths";
import { questions } from "./libraryQuestions";
import { sets } from "./librarySets";
import { texts } from "./libraryText";
import { words } from "./libraryWords";
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
  ...Object.entries(asserts),
  ...Object.entries(fixedPoints),
  ...Object.entries(groups),
  ...Object.entries(paths),
  ...Object.entries(sets),
  ...Object.entries(words),
]);

/** Those that are in `builtins`, too. */
const inBuiltins = new Set(
  `abort add addErrorContext all any attrNames attrValues baseNameOf catAttrs compareVersions concatLists concatMap concatStringsSep deepSeq dirOf div elem elemAt filter
  foldl' fromJSON functionArgs genList getAttr groupBy hasAttr head import intersectAttrs isAttrs isBool isFloat isFunction isInt isList isNull isPath isString length lessThan
  listToAttrs map mapAttrs match mul partition path pathExists readDir readFile readFileType removeAttrs replaceStrings seq sort split stringLength sub substring tail throw toPath toString trace
  tryEval typeOf unsafeDiscardStringContext warn zipAttrsWith`.split(/\s+/),
);

const inGlobal = new Set([
  "import",
  "map",
  "toString",
  "removeAttrs",
  "baseNameOf",
  "dirOf",
  "isNull",
  "throw",
  "abort",
]);

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
  "path",
  "split",
  "toPath",
  "tryEval",
]);

const parts = new Set(
  `lists attrsets strings trivial modules options filesystem lib fixedPoints debug asserts sources customisation`.split(
    " ",
  ),
);

/** Parts of `lib` whose functions have names that others have, too. */
const ownParts: ReadonlyMap<string, Term> = new Map([
  ["fileset", filesetLibrary],
  ["path", pathLibrary],
]);

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

/** Whether the library surely has a name: there are functions of nixpkgs that are not known here. */
export function isMember(library: Extract<Term, { kind: "library" }>, name: string): boolean {
  if (library.types === true) return isTypeName(name);
  if (library.builtins) return inBuiltins.has(name);
  return functions.has(name) || parts.has(name) || ownParts.has(name) || name === "types" || name === "extend";
}

/** `lib.name`, `lib.lists` or `builtins.name`. */
export function libraryMember(library: Term, name: string): Term {
  const builtins = library.kind === "library" && library.builtins;
  if (!builtins && name === "types") return { kind: "library", builtins: false, types: true };
  if (library.kind === "library" && library.types === true) return typeNamed(name);
  if (!builtins && parts.has(name)) return { kind: "library", builtins: false };
  const part = builtins ? undefined : ownParts.get(name);
  if (part !== undefined) return part;
  if (!builtins && name === "extend") return { kind: "builtin", builtin: extending, given: [] };
  if (builtins && ["true", "false", "null", "builtins"].includes(name))
    return global(name) ?? unknown(`\`${name}\` is not resolved`);
  const known = builtins ? inBuiltins.has(name) : functions.has(name);
  return (known ? named(name) : null) ?? unknown(`\`${name}\` is not resolved`);
}

/** `lib.extend overlay` */
const extending: Builtin = {
  arity: 1,
  run: ([overlay], call) =>
    overlay === undefined ? null : extended({ kind: "library", builtins: false }, overlay, call),
};
