import type { EntryKind } from "./model";

/** A path on a host that someone wants to persist, as the host or the command line gives it. */
export interface PersistTarget {
  /** Absolute and normalised. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Owner, group and octal mode (`0700`) as they are on the host; null where not known. */
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
  /** The user whose home the path lies in, else null. */
  readonly homeOf: { readonly user: string; readonly home: string } | null;
}
