import type { Entry, StorageBlock } from "../../persistence/model";
import type { EvaluatedHost, SourceFile } from "../rule";
import type { Declared } from "./declared";

/** An entry of an evaluated host that takes effect for sure. */
export interface EvaluatedEntry {
  readonly entry: Entry;
  readonly block: StorageBlock;
}

const indexes = new WeakMap<EvaluatedHost, ReadonlyMap<string, readonly EvaluatedEntry[]>>();

/**
 * The entries of a host that keep the same path as one that is written in `file`, itself among them; null where the host, as it was
 * evaluated, does not have that one at all.
 */
export function sameOn(host: EvaluatedHost, file: SourceFile, declared: Declared): readonly EvaluatedEntry[] | null {
  const same = doublesOf(host, declared);
  return same.some(({ entry }) => isAt(entry, file, declared)) ? same : null;
}

/** The entries of a host that keep the same path as another, wherever they are written. */
export function doublesOf(host: EvaluatedHost, { entry, block, path }: Declared): readonly EvaluatedEntry[] {
  return path === null ? [] : (indexOf(host).get(keyOf(entry, block, path)) ?? []);
}

/** Whether an evaluated entry is the one written at a place. */
export function isAt({ origin }: Entry, file: SourceFile, { entry: { span } }: Declared): boolean {
  return origin?.file === file.name && origin.span.start === span.start && origin.span.end === span.end;
}

function indexOf(host: EvaluatedHost): ReadonlyMap<string, readonly EvaluatedEntry[]> {
  let index = indexes.get(host);
  if (index === undefined) {
    const found = new Map<string, EvaluatedEntry[]>();
    for (const block of host.storages) {
      if (!block.enabled || block.conditional) continue;
      for (const list of block.lists) {
        for (const entry of list.entries) {
          if (entry.path === null || entry.conditional || list.conditional) continue;
          const key = keyOf(entry, block, entry.path);
          const same = found.get(key);
          if (same === undefined) found.set(key, [{ entry, block }]);
          else same.push({ entry, block });
        }
      }
    }
    index = found;
    indexes.set(host, index);
  }
  return index;
}

/** impermanence counts its entries and Home Manager's together. */
function keyOf({ kind }: Entry, { module }: StorageBlock, path: string): string {
  return `${kind}\0${module === "preservation" ? module : "impermanence"}\0${path}`;
}
