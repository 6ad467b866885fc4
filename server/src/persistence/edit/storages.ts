import type { ListDeclaration, PersistenceFile, Scope, StorageBlock } from "../model";
import { normalise } from "../paths";
import { schemaOf } from "../schema";
import type { Wanted } from "./wanted";

/** One file of a host, as edits need it. */
export interface EditFile {
  /** Path or URI; only compared, passed on, and its last part shown. */
  readonly name: string;
  readonly text: string;
  readonly persistence: PersistenceFile;
  /** Other hosts that use the file: what is written there is persisted on all of them. Missing where none are known. */
  readonly alsoOn?: readonly string[];
}

/** What is known about a host beyond its Nix text. */
export interface EditHints {
  /** The only person's account on the host: then `users.${primaryUser}` can mean nobody else. Null or missing where there are several. */
  readonly soleUser?: string | null;
  /** The host's name in `nixosConfigurations`, for files that configure several. Null or missing where it is not known. */
  readonly host?: string | null;
}

/** A block with the file it stands in and the storage it contributes to. */
export interface Site {
  readonly file: EditFile;
  /** Place of the file in the order of preference. */
  readonly order: number;
  readonly block: StorageBlock;
  /** Same for all blocks of one storage. */
  readonly storage: string;
  /** Not switched off. */
  readonly enabled: boolean;
  /** Certain to apply and safe to read: an edit may go here. */
  readonly usable: boolean;
}

/** All blocks of the host. Where a file configures several hosts and `hints` do not name one, those blocks are left out. */
export function sitesOf(files: readonly EditFile[], hints: EditHints): Site[] {
  const hosts = hostsIn(files.flatMap((file) => file.persistence.blocks));
  const host = hints.host ?? (hosts.size === 1 ? [...hosts][0] : null);
  const all = files.flatMap((file, order) => {
    const blocks = file.persistence.blocks.filter((block) => [null, host].includes(hostOf(block)));
    return blocks.map((block) => ({ file, order, block, storage: storageOf(file, block) }));
  });
  const disabled = new Set(all.filter((site) => !site.block.enabled).map(moduleStorage));
  return all.map((site) => {
    const enabled = !disabled.has(moduleStorage(site));
    return { ...site, enabled, usable: enabled && !site.block.conditional && site.block.brokenFrom === null };
  });
}

/** The host whose `nixosConfigurations.<host>` a block stands in, or null where it stands in a module of its own. */
function hostOf(block: StorageBlock): string | null {
  return /(?:^|\.)nixosConfigurations\.([^.]+)/.exec(block.unit)?.[1] ?? null;
}

/** The hosts that blocks name. */
export function hostsIn(blocks: readonly StorageBlock[]): ReadonlySet<string> {
  return new Set(blocks.flatMap((block) => hostOf(block) ?? []));
}

/** A storage as one module of a file means it: modules of several hosts can stand in one file. */
function moduleStorage({ storage, block }: Pick<Site, "storage" | "block">): string {
  return JSON.stringify([storage, block.unit]);
}

function storageOf(file: EditFile, block: StorageBlock): string {
  const name = block.storagePath ?? file.text.slice(block.nameSpan.start, block.nameSpan.end);
  return `${block.module} ${name}`;
}

/** Storages that people use for things that may get lost. */
export function isCacheLike(site: Site): boolean {
  return /cache|scratch|volatile/i.test(site.storage);
}

/** The last part of a file's name, for messages. */
export function shortName(file: EditFile): string {
  return file.name.slice(file.name.lastIndexOf("/") + 1);
}

/** The user a scope belongs to, or null where that is not known; a computed name is the host's only user where there is only one. */
export function userOf(user: string | null, hints: EditHints): string | null {
  return user ?? hints.soleUser ?? null;
}

/** Whether a list is of the scope the target belongs in. */
export function inScope(scope: Scope, wanted: Wanted, hints: EditHints): boolean {
  if (scope.kind === "system") return wanted.home === null;
  return wanted.home !== null && userOf(scope.user, hints) === wanted.home.user;
}

/** Whether a block could hold a list of the target's scope. */
export function canHold(block: StorageBlock, wanted: Wanted, hints: EditHints): boolean {
  if (block.module !== "home-manager") return wanted.home === null || schemaOf(block.module).user !== null;
  return wanted.home !== null && blockUser(block, hints) === wanted.home.user;
}

/** The user a Home Manager block belongs to; the model says so on its lists, so a block without lists has an unknown user. */
function blockUser(block: StorageBlock, hints: EditHints): string | null {
  const scope = block.lists[0]?.scope;
  return userOf(scope?.kind === "user" ? scope.user : null, hints);
}

/** Entries of each storage: those of the target's scope, and all. */
export function countEntries(
  sites: readonly Site[],
  wanted: Wanted,
  hints: EditHints,
): (storage: string) => { readonly own: number; readonly all: number } {
  const counts = new Map<string, { own: number; all: number }>();
  for (const { storage, block } of sites) {
    const count = counts.get(storage) ?? { own: 0, all: 0 };
    counts.set(storage, count);
    for (const list of block.lists) {
      count.all += list.entries.length;
      if (inScope(list.scope, wanted, hints)) count.own += list.entries.length;
    }
  }
  return (storage) => counts.get(storage) ?? { own: 0, all: 0 };
}

/** Absolute path of what an entry of `list` keeps, where it is known; `homes` are the home directories seen on the host. */
export function entryPath(
  list: ListDeclaration,
  entry: ListDeclaration["entries"][number],
  homes: ReadonlyMap<string, string>,
  hints: EditHints,
): string | null {
  const user = list.scope.kind === "user" ? userOf(list.scope.user, hints) : null;
  const home = user === null ? undefined : homes.get(user);
  return home === undefined ? entry.path : normalise(`${home}/${entry.written}`);
}

/** Compares two ranks, each a list of numbers of which the greater wins; for `sort`, best first. */
export function byRank<T extends { readonly rank: readonly number[] }>(a: T, b: T): number {
  for (const [index, value] of a.rank.entries()) {
    const difference = (b.rank[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}
