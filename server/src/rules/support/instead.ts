import { lookup } from "../../knowledge/advice";
import { persistEdits } from "../../persistence/edit";
import type { EntryKind, StorageBlock } from "../../persistence/model";
import { join, normalise } from "../../persistence/paths";
import type { PersistTarget } from "../../persistence/target";
import { overlaps } from "../../syntax/span";
import type { Fix, RuleContext, SourceFile } from "../rule";
import { type Declared, homesOn } from "./declared";
import { removal } from "./removal";

/** Stands for a user whose name is not known, where a file can mean only one. */
const someone = "user";

/**
 * The fix that takes an entry out and persists a folder in its place: same file, same storage, same user. None where that is not certain.
 * @param written the folder as the entry's list would hold it: relative to the home for a user.
 */
export function persistInstead(context: RuleContext, declared: Declared, written: string, title: string): Fix[] {
  const { file } = context;
  const { entry, block } = declared;
  const owner = ownerOf(context, declared);
  if (entry.shared || owner === null || !isOneStorage(file, block)) return [];
  const path = owner.home === null ? normalise(`/${written}`) : join(owner.home.home, written);
  const target = targetAt(path, "directory", owner.home);
  const { edits } = persistEdits([file], [target], { soleUser: owner.home?.user === someone ? someone : null });
  const added = edits.get(file.name) ?? [];
  const removed = removal(file.text, entry.span);
  if (added.length === 0 || added.some(({ span }) => overlaps(span, removed.span))) return [];
  return [{ title, edits: [...added, removed].sort((a, b) => a.span.start - b.span.start) }];
}

/** A path to persist, with the owner and mode the catalog knows for it. */
export function targetAt(path: string, kind: EntryKind, homeOf: PersistTarget["homeOf"]): PersistTarget {
  const advice = lookup(path, homeOf?.home ?? null);
  const known = advice?.exact === true ? advice : null;
  return { path, kind, user: known?.user ?? null, group: known?.group ?? null, mode: known?.mode ?? null, homeOf };
}

/** Whose list an entry is in: `home` is null for the system's. Null where that is not known well enough for an edit. */
function ownerOf(
  { file, host }: RuleContext,
  { list }: Declared,
): { readonly home: { readonly user: string; readonly home: string } | null } | null {
  const { scope } = list;
  if (scope.kind === "system") return { home: null };
  if (scope.user !== null) {
    const home = homesOn(host)(scope.user);
    return home === null ? null : { home: { user: scope.user, home } };
  }
  const scopes = file.persistence.blocks.flatMap((block) => block.lists.map((other) => other.scope));
  const alone = scopes.every((other) => other.kind === "user" && other.user === null);
  return alone ? { home: { user: someone, home: `/home/${someone}` } } : null;
}

/** Whether all blocks of a file set one storage, so that a new entry can only go where the old one was. */
function isOneStorage({ persistence }: SourceFile, block: StorageBlock): boolean {
  return persistence.blocks.every(
    (other) =>
      other.module === block.module &&
      other.unit === block.unit &&
      other.storagePath === block.storagePath &&
      (block.storagePath !== null || other === block),
  );
}
