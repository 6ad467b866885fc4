import type { Entry, ListDeclaration, StorageBlock } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import type { Span } from "../syntax/span";
import type { HostConfiguration } from "./hostConfiguration";

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

/** All lists that files declare, whatever host they are for. A storage that is switched off has no entries. */
export function declarationsIn(files: readonly SourceFile[]): Declarations {
  const blocks = files.flatMap((file) => ownBlocks(file).map((block) => ({ file, block })));
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
  const { declarations, unknown } = declarationsIn(files);
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
