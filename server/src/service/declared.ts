import type { DeclaredEntry } from "../evaluation/compare";
import { type EditHints, entryPath, sitesOf } from "../persistence/edit/storages";
import type { Scope } from "../persistence/model";
import type { SourceFile } from "../rules/rule";
import type { Span } from "../syntax/span";
import type { Declarations } from "./declarations";

/** What the texts of a host say, as an evaluation is compared with it. */
export interface HostText {
  readonly files: readonly SourceFile[];
  readonly entries: readonly DeclaredEntry[];
  /** Where a storage's entries come from: parts that are not resolved, and lists. */
  readonly places: readonly StoragePlace[];
}

export interface StoragePlace {
  readonly storagePath: string | null;
  readonly scope: Scope["kind"];
  readonly file: string;
  readonly span: Span;
  /** Why the part is not resolved; null for a list that is. */
  readonly reason: string | null;
}

/** What a host declares as its modules are evaluated without Nix. */
export function evaluatedText({ declarations, unknown }: Declarations, files: readonly SourceFile[]): HostText {
  const places = declarations.flatMap(({ file, list }): StoragePlace[] => {
    const place = { storagePath: list.storagePath, scope: list.scope.kind, file: file.name };
    const parts = list.unknown.map(({ span, reason }) => ({ ...place, span, reason }));
    return [{ ...place, span: list.nameSpan, reason: null }, ...parts];
  });
  const open = unknown.map(
    ({ file, span, reason }): StoragePlace => ({ storagePath: null, scope: "system", file: file.name, span, reason }),
  );
  const entries = declarations.flatMap(({ file, list, entries: own }) =>
    own.flatMap(({ kind, path, user, group, mode, span, conditional }): DeclaredEntry[] => {
      const { storagePath, scope } = list;
      if (path === null) return [];
      return [{ kind, path, storagePath, scope, user, group, mode, conditional, file: file.name, span }];
    }),
  );
  return { files, entries, places: [...places, ...open] };
}

/** What the files of `host` declare. `homes` are home directories that are known of it; they win over what the text says. */
export function hostText(host: string, files: readonly SourceFile[], homes: ReadonlyMap<string, string>): HostText {
  const hints: EditHints = { host };
  const entries: DeclaredEntry[] = [];
  const places: StoragePlace[] = [];
  for (const { file, block, enabled } of sitesOf(files, hints)) {
    if (!enabled) continue;
    for (const list of block.lists) {
      const place = { storagePath: list.storagePath, scope: list.scope.kind, file: file.name };
      places.push({ ...place, span: list.nameSpan, reason: null });
      for (const { span, reason } of list.unknown) places.push({ ...place, span, reason });
      for (const entry of list.entries) {
        const path = entryPath(list, entry, homes, hints);
        if (path === null) continue;
        const { kind, user, group, mode, span } = entry;
        const conditional = entry.conditional || block.conditional;
        const { storagePath, scope } = list;
        entries.push({ kind, path, storagePath, scope, user, group, mode, conditional, file: file.name, span });
      }
    }
  }
  return { files, entries, places };
}
