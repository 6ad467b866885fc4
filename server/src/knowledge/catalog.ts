import data from "./catalog.json";

export type Persist = "required" | "recommended" | "optional" | "never";
export type Role = "state" | "config" | "secret" | "cache" | "log" | "runtime";
export type EntryKind = "system" | "service" | "user-app";

/** One place where a program keeps something. */
export interface CatalogPath {
  /** Absolute; relative to the home directory where the entry's kind is `user-app`. May hold `<name>` placeholders. */
  readonly path: string;
  readonly type: "directory" | "file";
  readonly role: Role;
  readonly persist: Persist;
  /** Owner and mode as the NixOS module, the unit or tmpfiles set them; null where that is not known. */
  readonly user: string | null;
  readonly group: string | null;
  /** Octal, `0750`. */
  readonly mode: string | null;
  /** True for `/var/{lib,cache,log}/private/…` of units with DynamicUser. */
  readonly dynamicUser: boolean;
  readonly note: string | null;
}

/** One program or part of the system, with the places where it keeps state. */
export interface CatalogEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly title: string;
  /** The NixOS or Home Manager option that turns it on. */
  readonly nixosOption: string | null;
  /** The option or variable that moves the path. */
  readonly pathOption: string | null;
  /** Empty for programs that keep nothing on disk, listed so that this can be said. */
  readonly paths: readonly CatalogPath[];
  /** What a person loses, in plain words: our judgement, not a quotation. */
  readonly impactIfLost: string;
  readonly caveats: readonly string[];
  /** Where the facts are from: NixOS modules by path, else addresses. */
  readonly sources: readonly string[];
}

/** What programs on NixOS keep where. Each path belongs to one entry. */
export const catalog = data as readonly CatalogEntry[];
