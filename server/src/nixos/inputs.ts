import { apply } from "../nix/apply";
import { filesBelow, pathOfTerm } from "../nix/libraryFiles";
import { select } from "../nix/select";
import {
  attrs,
  type Builtin,
  type Call,
  force,
  list,
  made,
  member,
  type OpenSet,
  ready,
  string,
  type Term,
  unknown,
} from "../nix/terms";

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
export function foreignInput(name: string, url: string | null): Term {
  const reason = `\`${name}\` is another repository`;
  const outPath = (): Term => string(`/nix/store/${name}`);
  const what = `${name} ${url ?? ""}`;
  if (/import-tree/.test(what)) return importTree([]);
  if (/flake-parts/.test(what))
    return openSet({ outPath, lib: () => openSet({ mkFlake: () => builtin(mkFlake) }, reason) }, reason);
  if (/nixpkgs|nixos|home-manager|unstable|stable/i.test(what)) return openSet({ outPath, lib: () => library }, reason);
  return openSet({ outPath }, reason);
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
  return openSet(
    {
      __functor: () => builtin(functor),
      filter: () => builtin(filtering(true)),
      filterNot: () => builtin(filtering(false)),
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
    if (world.files.kind(path) === "file") files.push(path);
    else
      files.push(
        ...filesBelow(path, world).filter(
          (file) =>
            file.endsWith(".nix") &&
            !file.slice(path.length).includes("/_") &&
            filters.every((keep) => keep(file.slice(path.length), call)),
        ),
      );
  }
  const imports = list(files.map((file) => made({ kind: "path", text: file }, call.at)));
  return attrs([member("imports", ready(imports, call.at), call.at)]);
}

/** The text an input's attribute has, such as its `url`; null where it is not written as a string. */
export function textOf(input: Term | null, name: string, call: Call): string | null {
  const found = input === null ? null : select(input, name, call.run);
  return found?.kind === "string" ? found.text : null;
}
