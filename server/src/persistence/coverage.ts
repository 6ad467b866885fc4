import { type EditHints, entryPath } from "./edit/storages";
import type { EntryKind, PersistenceFile } from "./model";
import { normalise } from "./paths";

/**
 * The paths that survive a reboot, as the configuration says: directories with all below them, and single files.
 * Paths are absolute and normalised.
 */
export interface Coverage {
  readonly directories: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  /** Storage paths; what lies below them is persistent too. */
  readonly storages: ReadonlySet<string>;
}

/** Whether `path` survives: it is declared, or lies below a declared directory or a storage. */
export function covers(coverage: Coverage, path: string): boolean {
  if (coverage.files.has(path)) return true;
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    if (coverage.directories.has(at) || coverage.storages.has(at)) return true;
  }
  return coverage.directories.has("/");
}

/**
 * What the given files together declare. Entries of disabled storages do not count; conditional ones do (declared, though not certain).
 * `homes` are home directories as the host has them; they win over what the text says. A user whom the text does not name is
 * the host's only one, where `hints` know that.
 */
export function coverageOf(
  files: readonly Pick<PersistenceFile, "blocks">[],
  homes: ReadonlyMap<string, string> = new Map(),
  hints: EditHints = {},
): Coverage {
  const directories = new Set<string>();
  const kept = new Set<string>();
  const storages = new Set<string>();
  for (const block of files.flatMap((file) => file.blocks)) {
    if (!block.enabled) continue;
    if (block.storagePath !== null) storages.add(normalise(block.storagePath));
    for (const list of block.lists) {
      for (const entry of list.entries) {
        const path = entryPath(list, entry, homes, hints);
        if (path !== null) (entry.kind === "directory" ? directories : kept).add(path);
      }
    }
  }
  return { directories, files: kept, storages };
}

/** A coverage with more entries in it, absolute paths that are known otherwise than from text. */
export function withEntries(
  coverage: Coverage,
  entries: readonly { readonly kind: EntryKind; readonly path: string }[],
): Coverage {
  if (entries.length === 0) return coverage;
  const of = (kind: EntryKind) => entries.filter((entry) => entry.kind === kind).map((entry) => entry.path);
  return {
    ...coverage,
    directories: new Set([...coverage.directories, ...of("directory")]),
    files: new Set([...coverage.files, ...of("file")]),
  };
}
