import { type Advice, coveringAdvice, lookup } from "./advice";

/** Catalog paths that stand for a kind of place: what is said of them is not said of each thing inside. */
const broadPaths: ReadonlySet<string> = new Set([
  "/boot",
  "/nix",
  "/root",
  "/run",
  "/tmp",
  "/var/cache",
  "/var/lib/containers",
  "/var/lib/private",
  "/var/lib/systemd",
  "/var/log",
  "/var/tmp",
  ".cache",
]);

/** True where only the place of a path says something about it. */
export function isUnknown(advice: Advice | null): boolean {
  return advice === null || advice.kind === "pattern";
}

/**
 * What is known of `path`: of itself, else of the program's folder it lies in (`above`), else of its place. Parameters as for `lookup`.
 */
export function nearestAdvice(
  path: string,
  home: string | null,
): { readonly advice: Advice | null; readonly basis: "own" | "above" } {
  const own = lookup(path, home);
  if (!isUnknown(own)) return { advice: own, basis: "own" };
  const above = coveringAdvice(path, home);
  if (above !== null && !broadPaths.has(above.path)) return { advice: above, basis: "above" };
  return { advice: own, basis: "own" };
}
