import type { Entry, ListDeclaration, StorageBlock } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import type { BroughtFrom, Declaration } from "./declarations";
import type { Brought } from "./forwarding";

/** The blocks of a file; those that are a person's once for each, as they are `for` that person. */
export function forPeople(blocks: readonly StorageBlock[], people: readonly SourceFile[]): readonly StorageBlock[] {
  const done = new Set<string>();
  return blocks.flatMap((block): readonly StorageBlock[] => {
    const key = placeOf(block);
    const theirs = people.flatMap(({ persistence }) => persistence.blocks.filter((one) => placeOf(one) === key));
    if (theirs.length === 0 || !isSomebodys(block)) return [block];
    if (done.has(key)) return [];
    done.add(key);
    return theirs;
  });
}

function placeOf({ span, nameSpan }: StorageBlock): string {
  return `${span.start} ${nameSpan.start}`;
}

/** Whether a block is in the modules of a person whom its text does not tell. */
function isSomebodys({ lists }: StorageBlock): boolean {
  return lists.some(({ scope }) => scope.kind === "user" && scope.user === null);
}

/** Whether the storage and the user of a list are known. */
export function isPlaced({ list: { storagePath, scope } }: Declaration): boolean {
  return storagePath !== null && (scope.kind === "system" || scope.user !== null);
}

/** A list as the hosts have it, once for each storage and user. Without such a host it is what it was. */
export function asUsed(one: Declaration, from: BroughtFrom): readonly Declaration[] {
  const { file, list, entries } = one;
  const uses = new Map<string, Use>();
  const used = new Set<Entry>();
  for (const entry of entries) {
    const { file: name, span } = entry.origin ?? { file: file.name, span: entry.span };
    for (const brought of from(name).filter((use) => use.span.start === span.start && isSame(use, one))) {
      const { storagePath, scope } = brought.list;
      const key = `${storagePath}\0${scope.kind === "user" ? scope.user : ""}`;
      const use = uses.get(key) ?? { like: brought, entries: new Map<Entry, Entry>() };
      use.entries.set(entry, { ...entry, path: brought.entry.path });
      uses.set(key, use);
      used.add(entry);
    }
  }
  if (uses.size === 0) return [one];
  return [...uses.values()].map(({ like, entries: own }): Declaration => {
    const { storagePath, scope } = like.list;
    const as = { ...list, storagePath, scope, entries: [...own.values()] };
    const there = entries.flatMap((entry): Entry[] => {
      const known = own.get(entry);
      if (known !== undefined) return [known];
      return used.has(entry) ? [] : [{ ...entry, path: scope.kind === "user" ? inHome(entry, as) : entry.path }];
    });
    return { file, list: as, entries: there };
  });
}

interface Use {
  readonly like: Brought;
  readonly entries: Map<Entry, Entry>;
}

function isSame({ list }: Brought, { list: own }: Declaration): boolean {
  // An option `home.persistence` of the project's own is handed on to another module.
  const sameModule = list.module === own.module || own.module === "home-manager";
  return sameModule && list.list === own.list && list.scope.kind === own.scope.kind;
}

/** The path of an entry in the home directory that the list's other entries show. */
export function inHome(entry: Entry, { entries }: ListDeclaration): string | null {
  const [known] = entries.filter(({ path, written }) => path?.endsWith(`/${written}`));
  const home = known?.path == null ? null : known.path.slice(0, known.path.length - known.written.length - 1);
  return home === null ? entry.path : `${home}/${entry.written}`;
}
