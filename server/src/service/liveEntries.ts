import type { EvaluatedEntry } from "../evaluation/model";
import { entryPath, sitesOf } from "../persistence/edit/storages";
import type { Entry, ListDeclaration, StorageBlock } from "../persistence/model";
import { defaultHome, normalise } from "../persistence/paths";
import type { LiveEntry } from "../rules/live/rule";
import type { SourceFile } from "../rules/rule";
import { methodOf } from "../rules/support/linked";
import { declarationsOf } from "./declarations";
import { filesWithEntries } from "./hostConfiguration";
import type { HostPeople } from "./hostPeople";
import type { FoundHost } from "./projects";

/**
 * What a host persists, each entry at the place it is written. Of files that were edited since the evaluation, or are no part of it, it is what they
 * say now. A block that does not parse is left out: it may mean anything.
 */
export function liveEntries(
  found: FoundHost | null,
  files: readonly SourceFile[],
  people: HostPeople,
  added: readonly EvaluatedEntry[],
): LiveEntry[] {
  const own = new Set(found === null ? [] : [...found.host.files, ...filesWithEntries(found.host)]);
  const isCurrent = (name: string) => own.has(name) && found?.changed?.has(name) === false;
  const evaluated =
    found === null
      ? []
      : fromEvaluation(found, files, people).filter(({ place }) => place !== null && isCurrent(place.file));
  const edited = fromText(
    files.filter(({ name }) => !isCurrent(name)),
    people,
  );
  const order = new Map(files.map(({ name }, index) => [name, index]));
  const written = [...evaluated, ...edited].sort(
    (a, b) =>
      (order.get(a.place?.file ?? "") ?? 0) - (order.get(b.place?.file ?? "") ?? 0) ||
      (a.place?.span.start ?? 0) - (b.place?.span.start ?? 0),
  );
  return [...written, ...added.map(fromNix)];
}

function fromEvaluation({ host }: FoundHost, files: readonly SourceFile[], people: HostPeople): LiveEntry[] {
  return declarationsOf(host, files).declarations.flatMap(({ file, list, entries }) =>
    entries.flatMap((entry) => liveEntry(file, list, entry, list.conditional || entry.conditional, people)),
  );
}

function fromText(files: readonly SourceFile[], people: HostPeople): LiveEntry[] {
  return sitesOf(files, people.hints).flatMap(({ file, block, enabled }) => {
    if (!enabled || block.forwarded === true || isHalfTyped(block)) return [];
    return block.lists.flatMap((list) =>
      list.entries.flatMap((entry) => {
        const conditional = block.conditional || list.conditional || entry.conditional;
        return entry.written === "" ? [] : liveEntry(file, list, entry, conditional, people);
      }),
    );
  });
}

/** A lost quote turns the strings behind it inside out, and the one before it is another. */
function isHalfTyped({ brokenFrom, lists }: StorageBlock): boolean {
  return brokenFrom !== null || lists.some(({ entries }) => entries.some(({ written }) => /[\n\r]/.test(written)));
}

function liveEntry(
  file: { readonly name: string },
  list: ListDeclaration,
  entry: Entry,
  conditional: boolean,
  { homes, hints }: HostPeople,
): LiveEntry[] {
  const path = entryPath(list, entry, homes, hints);
  if (path === null) return [];
  const { kind, user, group, mode, origin } = entry;
  return [
    {
      kind,
      path,
      storagePath: storageOf(list, path, homes),
      module: list.module,
      scope: list.scope,
      user,
      group,
      mode,
      method: methodOf(entry),
      conditional,
      place: origin ?? { file: file.name, span: entry.pathSpan },
      element: origin === undefined && !entry.shared ? entry : null,
    },
  ];
}

/** Where an entry is kept. Home Manager's module had the home directory in the storage path once: then it is not known. */
function storageOf(
  { storagePath, module }: ListDeclaration,
  path: string,
  homes: ReadonlyMap<string, string>,
): string | null {
  if (storagePath === null) return null;
  const storage = normalise(storagePath);
  const all = [...homes.values(), ...[...homes.keys()].map(defaultHome)];
  const inHome = all.some((home) => home !== "/" && path.startsWith(`${home}/`) && storage.endsWith(home));
  return module === "home-manager" && inHome ? null : storage;
}

function fromNix({ kind, path, storagePath, module, scope, user, group, mode }: EvaluatedEntry): LiveEntry {
  return {
    kind,
    path,
    storagePath: normalise(storagePath),
    module,
    scope,
    user,
    group,
    mode,
    method: "unknown",
    conditional: false,
    place: null,
    element: null,
  };
}
