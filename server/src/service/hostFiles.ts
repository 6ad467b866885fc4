import path from "node:path";
import type { SourceFile } from "../rules/rule";
import type { FileStore } from "./fileStore";

/** How many files a host may have and a workspace is searched for; beyond it we say less rather than take long. */
const maximumFiles = 2000;

/** `name` and all files it imports by literal relative paths, directly or not, in that order. */
export function importClosure(store: FileStore, name: string): SourceFile[] {
  const seen = new Set<string>();
  const found: SourceFile[] = [];
  const pending = [name];
  for (let at = pending.shift(); at !== undefined && found.length < maximumFiles; at = pending.shift()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const file = store.get(at);
    if (file === null) continue;
    found.push(file);
    for (const imported of file.persistence.facts.imports) {
      const target = resolveImport(store, at, imported.path);
      if (target !== null) pending.push(target);
    }
  }
  return found;
}

function resolveImport(store: FileStore, from: string, written: string): string | null {
  if (!written.startsWith(".")) return null;
  const target = path.resolve(path.dirname(from), written);
  return (
    [target, path.join(target, "default.nix")].find(
      (candidate) => candidate.endsWith(".nix") && store.has(candidate),
    ) ?? null
  );
}

/** Entry files of a host that may import `name`: `default.nix` and `configuration.nix` of its folder and the three above it. */
function entryFiles(name: string): string[] {
  const folders: string[] = [];
  for (let folder = path.dirname(name); folders.length < 4; folder = path.dirname(folder)) {
    folders.push(folder);
    if (folder === path.dirname(folder)) break;
  }
  return folders.flatMap((folder) => [path.join(folder, "default.nix"), path.join(folder, "configuration.nix")]);
}

export interface HostFiles {
  readonly files: SourceFile[];
  /** True when they are all the files of the host: found from its entry file, every import understood, and no flake that adds others. */
  readonly whole: boolean;
}

/** The files that belong to the same host as `name`, itself first. A file that nothing imports is looked at alone, with its own imports. */
export function hostFilesOf(store: FileStore, name: string): HostFiles {
  const own = importClosure(store, name);
  if (!path.isAbsolute(name)) return { files: own, whole: false };
  const entry = entryFiles(name)
    .filter((candidate) => candidate !== name && store.has(candidate))
    .map((candidate) => importClosure(store, candidate))
    .find((files) => files.some((file) => file.name === name));
  const isEntry = /^(?:default|configuration)\.nix$/.test(path.basename(name));
  if (entry === undefined) return { files: own, whole: isEntry && isWhole(store, name, own) };
  const rest = entry.filter((file) => file.name !== name);
  return { files: [...own.slice(0, 1), ...rest], whole: isWhole(store, name, entry) };
}

function isWhole(store: FileStore, name: string, files: readonly SourceFile[]): boolean {
  const facts = files.map((file) => file.persistence.facts);
  return (
    facts.some((fact) => fact.isHost) &&
    !facts.some((fact) => fact.importsUnknown) &&
    repositoryOf(store, name) === null
  );
}

/** The folder of the nearest `flake.nix` at or above a file; null where there is none. */
export function repositoryOf(store: FileStore, name: string): string | null {
  if (!path.isAbsolute(name)) return null;
  for (let folder = path.dirname(name); ; folder = path.dirname(folder)) {
    if (store.has(path.join(folder, "flake.nix"))) return folder;
    if (folder === path.dirname(folder)) return null;
  }
}

/** Whether a file is the only Nix file of its folder and below, outside any flake. */
export function standsAlone(store: FileStore, name: string): boolean {
  if (!path.isAbsolute(name) || repositoryOf(store, name) !== null) return false;
  return store.nixFiles(path.dirname(name), 2).every((file) => file === name);
}

/**
 * Whether another file of the repository mentions one of `texts`, which may then be part of the same host. Files of other hosts, in folders
 * beside this file's own, do not count.
 */
export function mentionedElsewhere(store: FileStore, name: string, texts: readonly string[]): boolean {
  const repository = repositoryOf(store, name);
  if (repository === null) return false;
  const own = path.dirname(name);
  const beside = path.dirname(own);
  return store.nixFiles(repository, maximumFiles).some((other) => {
    if (other === name) return false;
    const ofOtherHost =
      beside !== repository && other.startsWith(`${beside}${path.sep}`) && !other.startsWith(`${own}${path.sep}`);
    return !ofOtherHost && store.mentions(other, ...texts);
  });
}

/** The files named after a host below the given folders: in a folder, or with a name, that is the host's (`hosts/juni/…`, `juni.nix`). */
export function filesNamedAfter(store: FileStore, host: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    store.nixFiles(folder, maximumFiles).filter((file) => isNamedAfter(path.relative(folder, file), host)),
  );
}

/**
 * The files of a host: those named after it, and all they import. `from`, the file the user works in, comes first when it is
 * one of them, and stands for the host, with the files it belongs to, when none is named after it.
 */
export function filesOfHost(store: FileStore, named: readonly string[], from: string | null): SourceFile[] {
  const files = new Map<string, SourceFile>();
  for (const name of named) for (const file of importClosure(store, name)) files.set(file.name, file);
  const own = from !== null && (files.size === 0 || files.has(from)) ? hostFilesOf(store, from).files : [];
  return [...new Map([...own, ...files.values()].map((file) => [file.name, file])).values()];
}

/** Whether a file, relative to the folder its host is looked for in, is named after the host. */
export function isNamedAfter(relative: string, host: string): boolean {
  const segments = relative.split(path.sep);
  const base = segments.pop() ?? "";
  return base === `${host}.nix` || segments.includes(host);
}
