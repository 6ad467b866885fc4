import { atomicRewrite } from "../knowledge/atomic";
import { type CatalogEntry, type CatalogPath, catalog } from "../knowledge/catalog";
import { isPattern } from "../knowledge/matcher";

/** A path of the catalog that an entry can name: absolute for the system, relative to the home for a user. */
export interface KnownPath {
  readonly entry: CatalogEntry;
  readonly path: CatalogPath;
}

/** Trees that are no part of the wiped root, or made anew on purpose. */
const outside = /^\/(?:nix|proc|sys|dev|run|tmp|boot)(?:\/|$)/;

const ranks = ["required", "recommended", "optional"];

/** What can be offered in a list, the most important first. Accounts and the like, which cannot be kept as single files, are left out. */
export function knownPaths(scope: "system" | "user", type: CatalogPath["type"]): readonly KnownPath[] {
  return known[scope][type];
}

const known = {
  system: { directory: knownOf("system", "directory"), file: knownOf("system", "file") },
  user: { directory: knownOf("user", "directory"), file: knownOf("user", "file") },
};

function knownOf(scope: "system" | "user", type: CatalogPath["type"]): readonly KnownPath[] {
  const all = catalog
    .filter(({ kind }) => (kind === "user-app") === (scope === "user"))
    .flatMap((entry) => entry.paths.map((path) => ({ entry, path })))
    .filter(({ path }) => path.type === type && path.persist !== "never" && !isPattern(path.path));
  const usable = all.filter(({ path: { path } }) => {
    const inHome = scope === "user" ? `/home/x/${path}` : path;
    return !outside.test(path) && (type === "directory" || atomicRewrite(inHome, "/home/x") === null);
  });
  // What more sources tell of is more widely used.
  return usable.sort(
    (a, b) =>
      ranks.indexOf(a.path.persist) - ranks.indexOf(b.path.persist) || b.entry.sources.length - a.entry.sources.length,
  );
}
