import type { PersistenceFile, StorageBlock } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import type { FileStore } from "./fileStore";
import { filesWithEntries, type HostConfiguration, unknownParts } from "./hostConfiguration";
import type { FoundHost } from "./projects";

/**
 * The files of an evaluated host that say anything of persistence, the one the user works in first, and those its entries are written in:
 * where an edit could go.
 */
export function filesOfConfiguration(store: FileStore, { host }: FoundHost, from: string | null): SourceFile[] {
  const written = filesWithEntries(host);
  const own = from !== null && host.files.includes(from) ? [from] : [];
  const files = [...new Set([...own, ...host.files, ...written])];
  return files.flatMap((name) => {
    if (name !== from && !written.has(name) && !store.mentions(name, "persist") && !store.mentions(name, "preserv"))
      return [];
    const file = store.get(name, host.name);
    return file === null ? [] : [file];
  });
}

/**
 * What an evaluated host keeps: as it was evaluated, but for files that were edited since. Of those it is what they say now,
 * so that a path is covered the moment it is written. While one of them does not parse, or less is known of the host than before, what was
 * there before counts, too: it is being typed.
 */
export function coveredBy(
  { host, changed, before }: FoundHost,
  files: readonly SourceFile[],
): readonly Pick<PersistenceFile, "blocks">[] {
  if (changed === null) return files.map((file) => file.persistence);
  const edited = files.filter(({ name }) => changed.has(name));
  const sound = new Set(edited.filter(({ persistence }) => persistence.syntaxError === null).map(({ name }) => name));
  const storages = host.storages.map(
    (block): StorageBlock => ({
      ...block,
      lists: block.lists.map((list) => ({
        ...list,
        entries: list.entries.filter(({ origin }) => origin === undefined || !sound.has(origin.file)),
      })),
    }),
  );
  const last = before === null ? [] : [{ blocks: before.storages }];
  return [{ blocks: storages }, ...last, ...edited.map((file) => file.persistence)];
}

/** Whether all of a host is known: each of its modules, and each of its lists. */
export function isWhole(host: HostConfiguration): boolean {
  return unknownParts(host) === 0;
}

/** Whether all that a host persists is known as its files are now: nothing was edited since its evaluation, and nothing is left open. */
export function isWhollyKnown(found: FoundHost | null, files: readonly SourceFile[]): boolean {
  if (found !== null) return found.changed?.size === 0 && isWhole(found.host);
  return files.every(({ persistence }) =>
    persistence.blocks.every(
      (block) =>
        block.storagePath !== null &&
        block.unknown.length === 0 &&
        block.lists.every((list) => list.unknown.length === 0),
    ),
  );
}
