import type { AttrName, AttrsValue, Binding, Value } from "../nix/value";
import type { Span } from "../syntax/span";
import { readList, settingAt } from "./entries";
import type { ListDeclaration, PersistenceModule, Scope, Setting, StorageBlock, UserPart } from "./model";

/** What is known about the place a block stands in. */
export interface BlockPlace {
  readonly module: PersistenceModule;
  readonly unit: string;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly conditional: boolean;
  readonly brokenFrom: number | null;
  /** Scope of lists that stand directly in the storage. */
  readonly scope: Scope;
  /** Home directory of a user, or null where it is not known. */
  readonly homeOf: (user: string | null) => string | null;
  /** The path of a storage that is only named here, where the host's other files say it. */
  readonly pathOf?: (module: PersistenceModule, name: string) => string | null;
}

/** One `rest = value;` below a storage; an empty `rest` is the storage's own value. */
export interface Contribution {
  readonly rest: readonly AttrName[];
  readonly value: Value;
  readonly span: Span;
  readonly conditional: boolean;
  /** Present where the text of the spans is not this part alone: it is computed, or other storages have it too. */
  readonly shared?: true;
}

/** Reads one binding that sets (a part of) the storage called `storage` into a block. */
export function readBlock(place: BlockPlace, storage: AttrName, contribution: Contribution): StorageBlock {
  const parts: Parts = { settings: [], users: [], lists: [], unknown: [] };
  const own = contribution.rest.length === 0 ? contribution.value : null;
  collect(place, parts, storagePathOf(storage, null).path, contribution);
  const stated = storagePathOf(storage, setting(parts.settings, "persistentStoragePath"));
  const elsewhere = stated.path === null && storage.name !== null ? place.pathOf?.(place.module, storage.name) : null;
  const { path, reason } = elsewhere == null ? stated : { path: elsewhere, reason: null };
  const enable = setting(parts.settings, "enable");
  const doubtful = enable !== null && enable.kind !== "bool";
  return {
    module: place.module,
    unit: place.unit,
    storagePath: path,
    storageReason: reason,
    nameSpan: place.nameSpan,
    span: place.span,
    body: own?.kind === "attrs" ? (own.literals[0] ?? null) : null,
    enabled: !(enable?.kind === "bool" && !enable.value),
    conditional: place.conditional || contribution.conditional,
    settings: parts.settings,
    users: parts.users,
    lists: parts.lists.map((list) => ({ ...list, storagePath: path, ...(doubtful ? doubtfulEntries(list) : {}) })),
    unknown: parts.unknown,
    brokenFrom: place.brokenFrom,
  };
}

/** Where it is not known whether the storage is in use, none of its entries is certain. */
function doubtfulEntries({ entries }: ListDeclaration): Pick<ListDeclaration, "entries"> {
  return { entries: entries.map((entry) => ({ ...entry, conditional: true })) };
}

interface Parts {
  readonly settings: Setting[];
  readonly users: UserPart[];
  readonly lists: ListDeclaration[];
  readonly unknown: { readonly span: Span; readonly reason: string }[];
}

function setting(settings: readonly Setting[], name: string): Value | null {
  return settings.find((candidate) => candidate.name.name === name)?.value ?? null;
}

/** A name that is no path (`persistence.main`) is only a name: the path then comes from `persistentStoragePath`. */
function storagePathOf(storage: AttrName, given: Value | null): { path: string | null; reason: string | null } {
  if (given?.kind === "string") return { path: given.text, reason: null };
  if (given !== null) return { path: null, reason: "`persistentStoragePath` is not resolved" };
  if (storage.name?.startsWith("/")) return { path: storage.name, reason: null };
  if (storage.name === null) return { path: null, reason: "the storage path is computed" };
  return { path: null, reason: `\`${storage.name}\` is a name; its \`persistentStoragePath\` is not known here` };
}

function collect(place: BlockPlace, parts: Parts, storagePath: string | null, contribution: Contribution): void {
  const [head, ...rest] = contribution.rest;
  if (head === undefined) {
    for (const inner of members(parts, contribution)) collect(place, parts, storagePath, inner);
    return;
  }
  if (head.name === null) {
    parts.unknown.push({ span: head.span, reason: "the option's name is computed" });
  } else if ((head.name === "directories" || head.name === "files") && rest.length === 0) {
    parts.lists.push(readList(place, storagePath, place.scope, head, contribution));
  } else if (head.name === "users" && place.module !== "home-manager") {
    collectUsers(place, parts, storagePath, { ...contribution, rest });
  } else {
    parts.settings.push(settingOf(head, rest, contribution));
  }
}

function settingOf(name: AttrName, rest: readonly AttrName[], contribution: Contribution): Setting {
  return settingAt(name, rest, contribution.value, contribution.span);
}

function collectUsers(place: BlockPlace, parts: Parts, storagePath: string | null, contribution: Contribution): void {
  const [user, ...rest] = contribution.rest;
  if (user === undefined) {
    for (const inner of members(parts, contribution)) collectUsers(place, parts, storagePath, inner);
    return;
  }
  const settings: Setting[] = [];
  const scope: Scope = { kind: "user", user: user.name };
  const take = (part: Contribution): void => {
    const [head, ...below] = part.rest;
    if (head === undefined) for (const inner of members(parts, part)) take(inner);
    else if ((head.name === "directories" || head.name === "files") && below.length === 0)
      parts.lists.push(readList(place, storagePath, scope, head, part));
    else if (head.name === null) parts.unknown.push({ span: head.span, reason: "the option's name is computed" });
    else settings.push(settingOf(head, below, part));
  };
  take({ ...contribution, rest });
  const own = rest.length === 0 && contribution.value.kind === "attrs" ? contribution.value : null;
  parts.users.push({ user: user.name, nameSpan: user.span, body: own?.literals[0] ?? null, settings });
}

/** The bindings of a set, each as a contribution; whatever is no set is noted as not understood. */
function members(parts: Parts, contribution: Contribution): Contribution[] {
  const { value } = contribution;
  if (value.kind !== "attrs") {
    const reason = value.kind === "unknown" ? value.reason : "this is not an attribute set";
    parts.unknown.push({ span: value.span, reason });
    return [];
  }
  for (const part of value.unknown) parts.unknown.push({ span: part.span, reason: part.reason });
  return bindingsOf(value).map((binding) => ({
    rest: binding.path,
    value: binding.value,
    span: binding.span,
    conditional: contribution.conditional || binding.conditional,
    ...(contribution.shared === true || binding.shared === true ? { shared: true } : {}),
  }));
}

function bindingsOf(value: AttrsValue): readonly Binding[] {
  return value.bindings.filter((binding) => binding.path.length > 0);
}
