import type { StorageBlock } from "../model";
import { isBelow, normalise } from "../paths";
import { type EditHints, entryPath, type Site, shortName } from "./storages";
import type { Wanted } from "./wanted";

/** What a host persists already, for the question whether a target needs an entry. */
export interface Existing {
  readonly entries: readonly ExistingEntry[];
  readonly storages: readonly string[];
}

interface ExistingEntry {
  readonly path: string;
  readonly written: string;
  readonly kind: "directory" | "file";
  readonly conditional: boolean;
  readonly file: string;
}

/** `homes` are home directories by user, as the host has them; they win over what the text says. */
export function existingOf(sites: readonly Site[], homes: ReadonlyMap<string, string>, hints: EditHints): Existing {
  const entries: ExistingEntry[] = [];
  for (const { file, block, enabled } of sites) {
    if (!enabled) continue;
    for (const list of block.lists) {
      for (const entry of list.entries) {
        const path = entryPath(list, entry, homes, hints);
        const { kind, written, conditional } = entry;
        if (path !== null) entries.push({ path, written, kind, conditional, file: shortName(file) });
      }
    }
  }
  return { entries, storages: [...new Set(sites.flatMap(({ block }) => storagePath(block)))] };
}

function storagePath(block: StorageBlock): string[] {
  return block.storagePath?.startsWith("/") ? [normalise(block.storagePath)] : [];
}

/** Why a target needs or can have no entry beside those that exist, or null. */
export function conflictReason(existing: Existing, { path, target }: Wanted): string | null {
  for (const storage of existing.storages) {
    if (path === storage || isBelow(path, storage)) return `it lies in the persistent storage ${storage} itself`;
    if (isBelow(storage, path)) return `it contains the persistent storage ${storage}`;
  }
  const entry =
    existing.entries.find((candidate) => candidate.path === path) ??
    existing.entries.find((candidate) => candidate.kind === "directory" && isBelow(path, candidate.path));
  if (entry === undefined) return null;
  const place = `\`${entry.written}\` in ${entry.file}`;
  if (entry.path === path && entry.kind !== target.kind)
    return `it is declared already, as a ${entry.kind}: ${place}. Move that entry to the other list`;
  const condition = entry.conditional ? ", though under a condition" : "";
  return `it is already persisted through ${place}${condition}`;
}
