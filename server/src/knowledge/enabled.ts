import { type CatalogEntry, type CatalogPath, catalog } from "./catalog";

const byOption = new Map<string, CatalogEntry>();
for (const entry of catalog) {
  if (entry.kind === "user-app" || entry.nixosOption === null || statePaths(entry).length === 0) continue;
  const option = entry.nixosOption.replace(/<[^>]*>/g, "*");
  if (!byOption.has(option)) byOption.set(option, entry);
}

/**
 * What of the system is turned on by an option of this path (`services.forgejo.enable`), where the catalog knows state of it that is
 * worth keeping; null where it knows none.
 */
export function enabledBy(path: readonly string[]): CatalogEntry | null {
  const whole = byOption.get(path.join("."));
  if (whole !== undefined) return whole;
  for (let index = 1; index < path.length - 1; index++) {
    const instance = byOption.get([...path.slice(0, index), "*", ...path.slice(index + 1)].join("."));
    if (instance !== undefined) return instance;
  }
  return null;
}

/** The catalog's entry of this id; a RangeError for one it does not have. */
export function entryOf(id: string): CatalogEntry {
  const entry = catalog.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new RangeError(`the catalog has no ${id}`);
  return entry;
}

/** An entry's paths that ought to be kept, without those inside of others of it and those that stand for several. */
export function statePaths({ paths }: CatalogEntry): readonly CatalogPath[] {
  const worth = paths.filter(
    ({ persist, path }) => (persist === "required" || persist === "recommended") && !/[<{*]/.test(path),
  );
  return worth.filter(({ path }) => !worth.some((other) => path.startsWith(`${other.path}/`)));
}
