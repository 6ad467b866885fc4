import { hostname } from "node:os";
import path from "node:path";
import { parseDestination } from "../hosts/destination";
import { isThisMachine } from "../hosts/local";
import { HostError } from "../hosts/port";
import { importClosure, isNamedAfter } from "./hostFiles";
import type { Tidemark } from "./tidemark";

/** Folders whose parts are hosts, in repositories without a flake that says which there are. */
const hostFolders = ["hosts", "machines", "systems", "nixos", "hosts/nixos"];
/** Files that make a folder a host. */
const entryFiles = ["default.nix", "configuration.nix"];

/**
 * The names a host's configuration may have, likeliest first: the name it is reached by, without user, port and domain, and the name it
 * calls itself (null where that is not known).
 */
export function configurationNames(destination: string, reported: string | null): readonly string[] {
  const isHere = isThisMachine(destination);
  const host = isHere ? hostname() : hostOf(destination);
  // `local` says which machine it is, and is the name of none.
  const reached = isHere ? [host] : [destination, host];
  const names = [...reached, firstLabel(host), ...(reported === null ? [] : [reported, firstLabel(reported)])];
  return [...new Set(names.filter((name) => name !== ""))];
}

function hostOf(destination: string): string {
  try {
    return parseDestination(destination).host;
  } catch (error) {
    if (error instanceof HostError) return destination;
    throw error;
  }
}

/** `juni` of `juni.lan`; an address is no name. */
function firstLabel(host: string): string {
  return /^[\d.]*$|:/.test(host) ? "" : (host.split(".")[0] ?? "");
}

/** The hosts that the workspace configures, in order of name: those its flakes make; without a flake, also those it has a folder or file for. */
export function configuredHosts(service: Tidemark): readonly string[] {
  const names = service.folders.flatMap((folder) => {
    const inside = (file: string) => file.startsWith(folder + path.sep);
    const evaluated = service.projects.hostsIn(folder).flatMap(({ name, files }) => (files.some(inside) ? [name] : []));
    const hasFlake = service.disk.kind(path.join(folder, "flake.nix")) === "file";
    return hasFlake && evaluated.length > 0 ? evaluated : [...evaluated, ...namedFolders(service, folder)];
  });
  return [...new Set(names)].sort();
}

/** The configured hosts that a file is a part of, as evaluated, else by its place. */
export function hostsOfFile(service: Tidemark, file: string): readonly string[] {
  const evaluated = service.projects.modelOf(file)?.hostsOf(file) ?? [];
  if (evaluated.length > 0) return evaluated.map(({ name }) => name);
  return service.folders
    .filter((folder) => file.startsWith(folder + path.sep))
    .flatMap((folder) =>
      namedFolders(service, folder).filter((name) => isNamedAfter(path.relative(folder, file), name)),
    );
}

function namedFolders(service: Tidemark, folder: string): readonly string[] {
  const { disk } = service;
  return hostFolders.flatMap((parent) =>
    disk.list(path.join(folder, parent)).flatMap(({ name, kind }) => {
      const at = path.join(folder, parent, name);
      const entries = kind === "file" ? [at] : entryFiles.map((entry) => path.join(at, entry));
      return entries.some((entry) => isHost(service, entry)) ? [path.basename(name, ".nix")] : [];
    }),
  );
}

/** Whether a file, or one that it imports, says what only a host says of itself. */
function isHost({ disk, files }: Tidemark, file: string): boolean {
  if (!file.endsWith(".nix") || disk.kind(file) !== "file") return false;
  return importClosure(files, file).some(({ persistence }) => persistence.facts.isHost);
}
