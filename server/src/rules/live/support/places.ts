import { placeOf } from "../../../persistence/edit";
import { isBelow, normalise } from "../../../persistence/paths";
import type { PersistTarget } from "../../../persistence/target";
import { contains } from "../../../syntax/span";
import type { LiveContext, LiveEntry, Place } from "../rule";

/** Where something about an entry is told: on its path, else on its storage. */
export function entryPlace(context: LiveContext, { place, storagePath }: LiveEntry): Place | null {
  return place ?? (storagePath === null ? null : storagePlace(context, storagePath));
}

export function storagePlace({ storages }: LiveContext, path: string): Place | null {
  return storages.find((storage) => storage.path === path)?.place ?? null;
}

/** Where something about the whole host is told: on its first storage that a file sets. */
export function hostPlace({ storages }: LiveContext): Place | null {
  return storages.find(({ place }) => place !== null)?.place ?? null;
}

/** The storage that a path would be written to; null where that is not known. */
export function storageFor({ files, hints, storages }: LiveContext, target: PersistTarget): string | null {
  const place = placeOf(files, target, hints);
  const file = files.find(({ name }) => name === place?.name);
  const block = file?.persistence.blocks.find(({ span }) => place !== null && contains(span, place.span));
  if (block !== undefined && block.storagePath !== null) return normalise(block.storagePath);
  const [only, ...others] = storages;
  return others.length === 0 ? (only?.path ?? null) : null;
}

/** The person whose home a path lies in, with the name of the group that is theirs; null for none. */
export function homeOf(
  { scan }: LiveContext,
  path: string,
): { readonly user: string; readonly home: string; readonly group: string } | null {
  const person = scan.users.find(
    ({ uid, home }) => uid >= 1000 && uid < 30_000 && home !== "/" && isBelow(path, normalise(home)),
  );
  if (person === undefined) return null;
  const group = scan.groups.get(person.gid) ?? String(person.gid);
  return { user: person.name, home: normalise(person.home), group };
}
