import type { EntryKind, ListName, PersistenceModule } from "../../../server/src/persistence/model";

/** One entry of a host, as an evaluated configuration has it. */
export interface Row {
  readonly module: PersistenceModule;
  /** Where the entry is kept: the storage path of the storage, or the entry's own. */
  readonly storage: string;
  /** `system`, or `user:` and a name. */
  readonly scope: string;
  readonly list: ListName;
  readonly kind: EntryKind;
  /** Absolute, with one slash between names. */
  readonly path: string;
  /** Null where the module says nothing of it; of ours, where the text says nothing of it. */
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
}

export interface OurRow extends Row {
  /** True where it is not known whether the host has it. */
  readonly conditional: boolean;
}

/** What is said of one host: entries in the order of their lists, duplicates kept, those of storages that are off left out. */
export interface HostEntries {
  readonly rows: readonly OurRow[];
  readonly unknown: readonly { readonly reason: string }[];
}
