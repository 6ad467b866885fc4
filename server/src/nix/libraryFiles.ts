import { apply } from "./apply";
import { fromJson } from "./json";
import { builtin, partlyKnown } from "./known";
import { select } from "./select";
import {
  attrs,
  type Builtin,
  bool,
  type Call,
  excerpt,
  force,
  list,
  made,
  member,
  type OpenSet,
  type Run,
  ready,
  spend,
  string,
  type Term,
  type Thunk,
  unknown,
} from "./terms";
import { absolute } from "./text";
import type { World } from "./world";

/** Larger files are no configuration data. */
const maximumText = 100_000;
/** More files than any folder of modules has. */
const maximumFiles = 50_000;

/** `builtins` and `lib.filesystem`: functions that look at other files. They know nothing where a text is looked at alone. */
export const fileFunctions: Readonly<Record<string, Builtin>> = {
  import: { arity: 1, run: ([file], call) => imported(file, call) },
  importApply: {
    arity: 2,
    run: ([file, given], call) => {
      const called = ready(imported(file, call), call.at);
      return given === undefined ? null : apply(called, [given], call);
    },
  },
  readDir: {
    arity: 1,
    run: ([folder], call) =>
      looking(folder, call, (path, world) => {
        if (world.files.kind(path) !== "folder") return null;
        const found = world.files.list(path);
        if (!spend(call.run, found.length)) return null;
        return attrs(found.map(({ name, kind }) => member(name, ready(string(nixKind[kind]), call.at), call.at)));
      }),
  },
  readFileType: {
    arity: 1,
    run: ([file], call) =>
      looking(file, call, (path, world) => {
        const kind = world.files.kind(path);
        return kind === null ? null : string(nixKind[kind]);
      }),
  },
  pathExists: {
    arity: 1,
    run: ([file], call) => looking(file, call, (path, world) => bool(world.files.kind(path) !== null)),
  },
  readFile: { arity: 1, run: ([file], call) => textAt(file, call) },
  fileContents: {
    arity: 1,
    run: ([file], call) => {
      const term = textAt(file, call);
      return term?.kind === "string" ? string(term.text.replace(/\n+$/, "")) : term;
    },
  },
  importJSON: { arity: 1, run: ([file], call) => json(textAt(file, call), call) },
  fromJSON: { arity: 1, run: ([text], call) => json(text === undefined ? null : force(text), call) },
  listFilesRecursive: {
    arity: 1,
    run: ([folder], call) =>
      looking(folder, call, (path, world) => {
        const files = filesBelow(path, world, call.run);
        return files === null ? null : list(files.map((file) => made({ kind: "path", text: file }, call.at)));
      }),
  },
};

const nixKind = { file: "regular", folder: "directory", link: "symlink" } as const;

/** All files below a folder, in the order of their names, folder by folder; null where there are too many. */
export function filesBelow(folder: string, { files }: World, run: Run): string[] | null {
  const found: string[] = [];
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const inside: string[] = [];
    const all = files.list(at);
    if (!spend(run, all.length + 1)) return null;
    for (const { name, kind } of all) {
      if (kind === "folder") inside.push(`${at}/${name}`);
      else found.push(`${at}/${name}`);
    }
    if (found.length > maximumFiles) return null;
    for (const one of inside.reverse()) pending.push(one);
  }
  return found;
}

function imported(file: Thunk | undefined, call: Call): Term {
  const term = file === undefined ? null : force(file);
  if (call.run.world === null) {
    const name =
      term?.kind === "path" || term?.kind === "string"
        ? `\`${term.text.slice(0, 60)}\``
        : excerpt(call.run.source, call.at);
    return { ...unknown(`${name} is another file`), lasting: true };
  }
  const path = pathOfTerm(term, call);
  const known = ofNixpkgs(path ?? endOf(call), call.run.world);
  if (known !== null) return known;
  if (term?.kind === "unknown" && term.foreign === true) return term;
  // A repository that is a function when it is a flake is the same function when it is imported.
  if (path === null && term?.kind === "open" && term.set.has("__functor") === true) return term;
  return path === null
    ? { ...unknown(`which file ${excerpt(call.run.source, call.at)} imports is not known`), lasting: true }
    : call.run.world.load(path);
}

/** Where flakes that are other repositories are taken to lie. */
export const store = "/nix/store/";

/** Where a path leads whose beginning is computed, such as a nixpkgs with patches; an empty text where that is not written. */
function endOf({ run, at }: Call): string {
  const text = run.source.slice(at.start, Math.min(at.end, at.start + 300));
  const end = /^\(?import\s*\([^;{}]*\+\s*"(\/nixos\/lib\/eval-config\.nix)"\s*\)/.exec(text);
  return end === null ? "" : `${store}nixpkgs${end[1] ?? ""}`;
}

/** What is known of nixpkgs without its files: that it gives packages with a `lib`, and which file evaluates a system. */
function ofNixpkgs(path: string, { files }: World): Term | null {
  if (!path.startsWith(store) || files.kind(path) !== null) return null;
  if (path.endsWith("/nixos/lib/eval-config.nix"))
    return builtin(1, ([given], call) =>
      given === undefined ? null : (call.run.world?.system("nixos", given, call) ?? null),
    );
  if (path.endsWith("/lib") || path.endsWith("/lib/default.nix")) return { kind: "library", builtins: false };
  return isNixpkgs(path.slice(store.length)) ? builtin(1, () => packages("it depends on packages of nixpkgs")) : null;
}

/** Whether a flake of this name or URL is nixpkgs, under one of the names it usually has. */
export function isNixpkgs(what: string): boolean {
  return /^[^/]*(?:nixpkgs|nixos-unstable|nixos-stable|unstable|stable)[^/]*$/i.test(what);
}

/** What packages are built for, as far as configurations ask; null where that is not known. */
type Platform = "linux" | "darwin" | null;

/** Packages as they are given to a module: nothing is known of them but the library that comes with them, and what they are built for. */
export function packages(reason: string, built: Platform = null): Term {
  const others: Term = { ...unknown(reason), lasting: true };
  const library: Term = { kind: "library", builtins: false };
  const always = { lib: () => library, applyPatches: () => patched };
  if (built === null) return partlyKnown(always, others);
  const kinds = { isLinux: () => bool(built === "linux"), isDarwin: () => bool(built === "darwin") };
  const stdenv = partlyKnown({ ...kinds, hostPlatform: () => partlyKnown(kinds, others) }, others);
  return partlyKnown({ ...always, stdenv: () => stdenv }, others);
}

/** `applyPatches { src = nixpkgs; patches = …; }`: a folder like its source, somewhere else. */
const patched = builtin(1, ([given], call) => {
  const src = given === undefined ? null : select(force(given), "src", call.run);
  const path = src === null ? null : pathOfTerm(src, call);
  if (path === null) return null;
  const outPath = string(path.startsWith(store) ? `${path}-patched` : `${store}${path.split("/").pop()}-patched`);
  return partlyKnown({ outPath: () => outPath }, { ...unknown("it is patched"), lasting: true, foreign: true });
});

/** `nixpkgs.legacyPackages`: packages by system, such as `x86_64-linux`. */
export function packagesBySystem(reason: string): Term {
  const set: OpenSet = {
    member: (system) =>
      packages(reason, system.endsWith("-linux") ? "linux" : system.endsWith("-darwin") ? "darwin" : null),
    has: () => null,
    whole: () => ({ ...unknown(reason), lasting: true }),
  };
  return { kind: "open", set };
}

function textAt(file: Thunk | undefined, call: Call): Term | null {
  return looking(file, call, (path, world) => {
    const text = world.files.text(path);
    return text === null || text.length > maximumText ? null : string(text);
  });
}

function json(term: Term | null, call: Call): Term | null {
  return term?.kind === "string" ? fromJson(term.text, call) : null;
}

function looking(file: Thunk | undefined, call: Call, look: (path: string, world: World) => Term | null): Term | null {
  const { world } = call.run;
  const path = file === undefined ? null : pathOfTerm(force(file), call);
  return world === null || path === null ? null : look(path, world);
}

/** The absolute path a term stands for: a path, a string, or a set with `outPath`, such as a flake. */
export function pathOfTerm(term: Term | null, call: Call): string | null {
  if (term?.kind === "path") return absolute(term);
  // A text may have `..` in it; where it leads is what counts.
  if (term?.kind === "string") return term.text.startsWith("/") ? absolute({ kind: "path", text: term.text }) : null;
  if (term?.kind !== "open" && term?.kind !== "attrs") return null;
  const out = select(term, "outPath", call.run);
  return out?.kind === "string" || out?.kind === "path" ? pathOfTerm(out, call) : null;
}
