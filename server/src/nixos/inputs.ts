import { apply } from "../nix/apply";
import { filesBelow, packagesBySystem, pathOfTerm } from "../nix/libraryFiles";
import { indexOf, mergeMembers, select } from "../nix/select";
import {
  type AttrsTerm,
  attrs,
  type Builtin,
  type Call,
  force,
  list,
  made,
  member,
  newRun,
  type OpenSet,
  ready,
  string,
  type Term,
  unknown,
} from "../nix/terms";

import type { World } from "../nix/world";
import { frameworkOf } from "./frameworks/index";

/** Flakes that are known without looking into them, as far as configurations use them to put modules together. */

const library: Term = { kind: "library", builtins: false };

/** An open set of the given attributes; whatever else it has is not known. */
export function openSet(known: Readonly<Record<string, () => Term>>, reason: string): Term {
  const set: OpenSet = {
    member: (name) => (Object.hasOwn(known, name) ? (known[name]?.() ?? null) : foreign(reason)),
    has: (name) => (Object.hasOwn(known, name) ? true : null),
    whole: () => foreign(reason),
  };
  return { kind: "open", set };
}

export function lasting(reason: string): Term {
  return { ...unknown(reason), lasting: true };
}

function foreign(reason: string): Term {
  return { ...unknown(reason), lasting: true, foreign: true };
}

/** A flake of another repository: nixpkgs has its library, of the usual helpers what they do is known. */
export function foreignInput(name: string, url: string | null, world: World): Term {
  const reason = `\`${name}\` is another repository`;
  const outPath = (): Term => string(`/nix/store/${name}`);
  const what = `${name} ${url ?? ""}`;
  const framework = frameworkOf(name, url);
  if (framework !== null) {
    const known = world.program(`/nix/store/${name}/known.nix`, framework.text);
    return known.kind === "attrs" ? withOthers(known, outPath, reason) : known;
  }
  if (/import-tree/.test(what)) return importTree([]);
  if (/flake-parts/.test(what))
    return openSet({ outPath, lib: () => openSet({ mkFlake: () => builtin(mkFlake) }, reason) }, reason);
  if (/home-manager/.test(url ?? name)) return openSet({ outPath, lib: () => homeManagerLibrary(reason) }, reason);
  if (/darwin/.test(url ?? name) && !isPackages(name, url))
    return openSet({ outPath, lib: () => darwinLibrary(reason) }, reason);
  if (isPackages(name, url))
    return openSet({ outPath, lib: () => library, legacyPackages: () => packagesBySystem(reason) }, reason);
  return openSet({ outPath }, reason);
}

/** Home Manager's own functions. */
function homeManagerLibrary(reason: string): Term {
  const at = { start: 0, end: 0 };
  const configuration = select(library, "homeManagerConfiguration", newRun("")) ?? foreign(reason);
  return attrs([
    member("hm", ready(foreign(reason), at), at),
    member("homeManagerConfiguration", ready(configuration, at), at),
  ]);
}

/** nix-darwin's own functions: none of them makes a NixOS host. */
function darwinLibrary(reason: string): Term {
  const at = { start: 0, end: 0 };
  return attrs(["darwinSystem", "evalConfig"].map((name) => member(name, ready(foreign(reason), at), at)));
}

/** Whether it is nixpkgs. */
function isPackages(name: string, url: string | null): boolean {
  return /nixpkgs|nixos|unstable|stable/i.test(`${name} ${url ?? ""}`);
}

/** What is known of a flake, and a place in the store; of other outputs nothing is known. */
function withOthers(known: AttrsTerm, outPath: () => Term, reason: string): Term {
  const names = known.members.flatMap(({ path }) => path[0]?.name ?? []);
  const outputs = Object.fromEntries(names.map((name) => [name, () => memberOf(known, name) ?? foreign(reason)]));
  return openSet({ ...outputs, outPath }, reason);
}

function memberOf(set: AttrsTerm, name: string): Term | null {
  const members = indexOf(set).get(name);
  return members === undefined ? null : force(mergeMembers(members, newRun("")));
}

function builtin(of: Builtin): Term {
  return { kind: "builtin", builtin: of, given: [] };
}

/** `flake-parts.lib.mkFlake { inherit inputs; } module` */
const mkFlake: Builtin = {
  arity: 2,
  run: ([given, module], call) => {
    if (given === undefined || module === undefined) return null;
    const both = attrs([member("given", given, call.at), member("module", module, call.at)]);
    return call.run.world?.system("flake-parts", ready(both, call.at), call) ?? null;
  },
};

type Keep = (path: string, call: Call) => boolean;

/** `import-tree ./modules` is a module that imports every file below; paths with `/_` in them are left out. */
function importTree(filters: readonly Keep[]): Term {
  const functor: Builtin = {
    arity: 2,
    run: ([, given], call) => (given === undefined ? null : treeModule(force(given), filters, call)),
  };
  const filtering = (keep: boolean): Builtin => ({
    arity: 1,
    run: ([predicate]) => {
      if (predicate === undefined) return null;
      const one: Keep = (path, call) => {
        const answer = apply(predicate, [ready(string(path), call.at)], call);
        return answer.kind === "bool" ? answer.value === keep : true;
      };
      return importTree([...filters, one]);
    },
  });
  const matching = (keep: boolean): Builtin => ({
    arity: 1,
    run: ([regex]) => {
      if (regex === undefined) return null;
      const one: Keep = (path, call) => {
        const match = select({ kind: "library", builtins: true }, "match", call.run);
        if (match === null) return true;
        const found = apply(ready(match, call.at), [regex, ready(string(path), call.at)], call);
        return found.kind === "unknown" || (found.kind !== "null") === keep;
      };
      return importTree([...filters, one]);
    },
  });
  return openSet(
    {
      __functor: () => builtin(functor),
      filter: () => builtin(filtering(true)),
      filterNot: () => builtin(filtering(false)),
      match: () => builtin(matching(true)),
      matchNot: () => builtin(matching(false)),
    },
    "this part of `import-tree` is not known",
  );
}

function treeModule(given: Term, filters: readonly Keep[], call: Call): Term | null {
  const { world } = call.run;
  if (world === null) return null;
  const roots = given.kind === "list" ? given.elements.map(({ value }) => force(value)) : [given];
  const files: string[] = [];
  for (const root of roots) {
    const path = pathOfTerm(root, call);
    if (path === null) return lasting("which folder `import-tree` reads is not known");
    const found = world.files.kind(path) === "file" ? [path] : filesBelow(path, world, call.run);
    if (found === null) return lasting("`import-tree` reads too many files");
    for (const file of found) {
      const below = file.slice(path.length);
      if (
        file === path ||
        (file.endsWith(".nix") && !below.includes("/_") && filters.every((keep) => keep(below, call)))
      )
        files.push(file);
    }
  }
  const imports = list(files.map((file) => made({ kind: "path", text: file }, call.at)));
  return attrs([member("imports", ready(imports, call.at), call.at)]);
}

/** The text an input's attribute has, such as its `url`; null where it is not written as a string. */
export function textOf(input: Term | null, name: string, call: Call): string | null {
  const found = input === null ? null : select(input, name, call.run);
  return found?.kind === "string" ? found.text : null;
}
