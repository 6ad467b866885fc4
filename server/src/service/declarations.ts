import type { Entry, ListDeclaration, StorageBlock } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import type { Span } from "../syntax/span";
import type { Brought } from "./forwarding";
import type { HostConfiguration } from "./hostConfiguration";
import { asUsed, forPeople, inHome, isPlaced } from "./uses";

/** One list of a file that contributes to a storage, with what of it counts. */
export interface Declaration {
  readonly file: SourceFile;
  readonly list: ListDeclaration;
  readonly entries: readonly Entry[];
}

/** A part of a persistence block that is not understood, outside any list. */
export interface UnknownPart {
  readonly file: SourceFile;
  readonly span: Span;
  readonly reason: string;
}

export interface Declarations {
  readonly declarations: readonly Declaration[];
  readonly unknown: readonly UnknownPart[];
}

/** A file as a part of its host, and as it is by itself. */
export interface ReadFile {
  readonly file: SourceFile;
  readonly alone: SourceFile;
  /** The file as it is for each person whose modules it is a part of, where those are several. */
  readonly people: readonly SourceFile[];
}

/** The entries that hosts have from a file. */
export type BroughtFrom = (file: string) => readonly Brought[];

/**
 * All lists that files declare, whatever host they are for. A storage that is switched off has no entries. What the host a file was read for
 * switches off is there all the same, under a condition. A list that hosts have for several users, or in several storages, is there for each.
 */
export function declarationsIn(files: readonly ReadFile[], from: BroughtFrom): Declarations {
  const { declarations, unknown } = asRead(
    files.flatMap(({ file, people }) => forPeople(ownBlocks(file), people).map((block) => ({ file, block }))),
  );
  const brought = broughtIn(files, declarations);
  const extended = declarations.map((one): Declaration => {
    const other = files.find(({ file }) => file === one.file)?.alone;
    return other === undefined || other === one.file ? one : withOthers(one, listAt(other, one.list));
  });
  const on = [...extended, ...brought].flatMap((one) => (isPlaced(one) ? [one] : asUsed(one, from)));
  const off = files.flatMap((read) => switchedOff(read, declarations)).flatMap((one) => asUsed(one, from));
  return { declarations: [...on, ...off], unknown };
}

/** Lists of which the host a file was read for has nothing: they stand in a block under a condition that does not hold for it. */
function switchedOff({ file, alone }: ReadFile, known: readonly Declaration[]): Declaration[] {
  if (alone === file) return [];
  const there = new Set(known.flatMap((one) => (one.file === file ? [placeOf(one.list)] : [])));
  return ownBlocks(alone).flatMap((block) => {
    if (!block.enabled) return [];
    const own = file.persistence.blocks.find(({ span }) => overlap(span, block.span));
    if (own !== undefined && (!own.enabled || own.span.start !== block.span.start)) return [];
    const missing = block.lists.filter((list) => !there.has(placeOf(list)));
    return missing.map((list): Declaration => {
      const entries = list.entries.map((entry): Entry => ({ ...entry, conditional: true }));
      const storagePath = list.storagePath ?? own?.storagePath ?? null;
      return { file, list: { ...list, storagePath, conditional: true }, entries };
    });
  });
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Where the host has several of them, they come from one text. */
function placeOf({ nameSpan, list }: ListDeclaration): string {
  return `${nameSpan.start} ${list}`;
}

/** Lists that become a storage's through no declaration of these files: by an alias of an option, or by a file that is not one of them. */
function broughtIn(files: readonly ReadFile[], declarations: readonly Declaration[]): Declaration[] {
  const told = new Set(
    declarations.flatMap(({ entries }) =>
      entries.flatMap(({ origin }) => (origin === undefined ? [] : `${origin.file}\0${origin.span.start}`)),
    ),
  );
  return files.flatMap(({ file }) =>
    file.persistence.blocks
      .filter((block) => block.forwarded === true)
      .flatMap(({ lists }) => lists)
      .flatMap((list): Declaration[] => {
        const entries = list.entries.filter(({ span }) => !told.has(`${file.name}\0${span.start}`));
        return entries.length === 0 ? [] : [{ file, list, entries }];
      }),
  );
}

function listAt({ persistence }: SourceFile, { span, list }: ListDeclaration): ListDeclaration | null {
  const lists = persistence.blocks.flatMap((block) => (block.enabled ? block.lists : []));
  return lists.find((one) => one.span.start === span.start && one.list === list) ?? null;
}

/** A list with the entries written in it that the host does not have. */
function withOthers(declaration: Declaration, alone: ListDeclaration | null): Declaration {
  const { entries, list } = declaration;
  const there = new Set(entries.map(({ span }) => span.start));
  const others = (alone?.entries ?? []).filter(
    ({ certainty, span }) => certainty === "literal" && !there.has(span.start),
  );
  if (others.length === 0) return declaration;
  const user = list.scope.kind === "user";
  const added = others.map(
    (entry): Entry => ({ ...entry, conditional: true, path: user ? inHome(entry, list) : entry.path }),
  );
  return { ...declaration, entries: [...entries, ...added].sort((a, b) => a.span.start - b.span.start) };
}

/** The lists of files as they were read. */
function declarationsAsRead(files: readonly SourceFile[]): Declarations {
  return asRead(files.flatMap((file) => ownBlocks(file).map((block) => ({ file, block }))));
}

function asRead(blocks: readonly { readonly file: SourceFile; readonly block: StorageBlock }[]): Declarations {
  return {
    declarations: blocks.flatMap(({ file, block }) =>
      block.lists.map((list) => ({ file, list, entries: block.enabled ? list.entries : [] })),
    ),
    unknown: blocks.flatMap(({ file, block }) => block.unknown.map((part) => ({ file, ...part }))),
  };
}

/**
 * The lists of a host, with exactly the entries that evaluation leaves: without those another module overrides or switches off.
 * What no declaration of a file explains stands by itself, where it is written.
 */
export function declarationsOf(host: HostConfiguration, files: readonly SourceFile[]): Declarations {
  const left = new Map<string, Evaluated[]>();
  for (const block of host.storages) {
    if (!block.enabled) continue;
    for (const list of block.lists) {
      for (const entry of list.entries) {
        const key = keyOf(entry.origin ?? null, list, entry);
        const same = left.get(key);
        const one = { list, entry, conditional: block.conditional || list.conditional || entry.conditional };
        if (same === undefined) left.set(key, [one]);
        else same.push(one);
      }
    }
  }
  const { declarations, unknown } = declarationsAsRead(files);
  const own = declarations.map(({ file, list, entries }): Declaration => {
    const kept = entries.flatMap((entry): Entry[] => {
      const place = entry.origin ?? { file: file.name, span: entry.span };
      const found = left.get(keyOf(place, list, entry))?.shift();
      return found === undefined ? [] : [{ ...entry, path: found.entry.path, conditional: found.conditional }];
    });
    return { file, list, entries: kept };
  });
  const known = new Map(files.map((file) => [file.name, file]));
  const rest = [...left.values()].flat().flatMap(({ list, entry, conditional }): Declaration[] => {
    const file = entry.origin === undefined ? undefined : known.get(entry.origin.file);
    if (file === undefined || entry.origin === undefined) return [];
    const { span } = entry.origin;
    return [{ file, list: { ...list, span, unknown: [] }, entries: [{ ...entry, span, conditional }] }];
  });
  return {
    declarations: [...own.filter((one) => one.entries.length > 0 || one.list.unknown.length > 0), ...rest],
    unknown,
  };
}

interface Evaluated {
  readonly list: ListDeclaration;
  readonly entry: Entry;
  readonly conditional: boolean;
}

/** Lists that are only brought into a storage are declared where that is done. */
function ownBlocks({ persistence }: SourceFile): readonly StorageBlock[] {
  return persistence.blocks.filter((block) => block.forwarded !== true);
}

function keyOf(
  place: { readonly file: string; readonly span: Span } | null,
  { module, scope }: ListDeclaration,
  { kind, written }: Entry,
): string {
  const where = place === null ? "" : `${place.file}\0${place.span.start}\0${place.span.end}`;
  return [where, module, scope.kind, kind, written].join("\0");
}
