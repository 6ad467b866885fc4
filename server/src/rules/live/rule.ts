import type { HostScan, ScanReport } from "../../hosts/model";
import type { Coverage } from "../../persistence/coverage";
import type { EditFile, EditHints } from "../../persistence/edit";
import type { Entry, EntryKind, PersistenceModule, Scope } from "../../persistence/model";
import type { PersistTarget } from "../../persistence/target";
import type { Span, TextEdit } from "../../syntax/span";
import type { Level } from "../rule";
import type { CommandSheet } from "./support/commands";

/** A place in one of the host's files. */
export interface Place {
  readonly file: string;
  readonly span: Span;
}

/** One directory or file that the host's configuration persists, as the text is now. */
export interface LiveEntry {
  readonly kind: EntryKind;
  /** Absolute and normalised, with the home directories the host has. */
  readonly path: string;
  /** Normalised; null where it is not known, or where the module puts the entry is not. */
  readonly storagePath: string | null;
  readonly module: PersistenceModule;
  readonly scope: Scope;
  /** Owner and mode as they are declared; null where they are not, so that the module's own apply. */
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
  readonly method: "mount" | "link" | "unknown";
  /** Under a condition of which it is not known whether it holds. */
  readonly conditional: boolean;
  /** The string that names its path; null for what only Nix knows. */
  readonly place: Place | null;
  /** The element of its list, where it is written out there, so that it can be edited; else null. */
  readonly element: Entry | null;
}

/** A storage path with the place that stands for it: the first block that sets it. */
export interface LiveStorage {
  /** Normalised. */
  readonly path: string;
  readonly place: Place | null;
}

/** What a live rule compares: a scanned host, and the host's configuration as the editor has it. */
export interface LiveContext {
  readonly scan: HostScan;
  /** When the host was scanned, seconds since the epoch; null where that is not known. */
  readonly scannedAt: number | null;
  /** What the host would lose, given the configuration as it is now. */
  readonly report: ScanReport;
  /** What is persisted, in the order of the files; a path may be there twice. */
  readonly entries: readonly LiveEntry[];
  readonly storages: readonly LiveStorage[];
  readonly coverage: Coverage;
  /** True when all of the host's configuration is known as it is now: only then can an entry be missing for sure. */
  readonly whole: boolean;
  /** The files of the host, the preferred one first. */
  readonly files: readonly EditFile[];
  readonly hints: EditHints;
  /** Whether more than one host was scanned. */
  readonly severalHosts: boolean;
  /** How many paths are shown one by one. */
  readonly limit: number;
}

/** What a live rule says about a host. */
export interface LiveProblem {
  /** Null where no place of the configuration stands for it: then only the command line tells it. */
  readonly place: Place | null;
  /** One or two sentences, with the host's name in them. */
  readonly message: string;
  /** Instead of the rule's own level. */
  readonly level?: Level;
  readonly fixes?: readonly LiveFix[];
  /** The path on the host that it is about, where it is one: no later rule speaks about that path again. */
  readonly about?: string;
}

export type LiveFix =
  /** Edits of the problem's own file. */
  | { readonly kind: "edits"; readonly title: string; readonly edits: readonly TextEdit[] }
  /** Writes paths where a person would, worked out when it is chosen. */
  | { readonly kind: "persist"; readonly title: string; readonly targets: readonly PersistTarget[] }
  /** Writes the path into the file of what nobody needs to hear of, for all hosts or this one. */
  | { readonly kind: "ignore"; readonly title: string; readonly path: string; readonly everywhere: boolean }
  /** Shows commands for the host; nothing is run. */
  | { readonly kind: "commands"; readonly title: string; readonly sheet: CommandSheet };

/** A rule that compares what is declared, what the host runs from, and what the storage holds. Silent on all that is not known. */
export interface LiveRule {
  /** The diagnostic's code, its setting key and its anchor in the documentation; stable for ever. */
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  /** Markdown for the page of rules. */
  readonly doc: string;
  /** `claimed` are the paths of entries that earlier rules spoke about. */
  readonly check: (context: LiveContext, claimed: ReadonlySet<string>) => readonly LiveProblem[];
  readonly examples: readonly LiveExample[];
}

/**
 * A configuration and what a host has, both documentation and test. The text is marked as in examples of other rules. Each line of
 * `host` is one thing the host has:
 *
 * - `/var/lib/x/ 0700 josh:users` a folder on the root (files without the `/`; a size in bytes, `3d` for its age in days, `lost` where
 *   only the older root has it);
 * - `/persist/var/lib/x/` the same in the storage; a folder there is empty unless the line says `full`, and paths that are not listed are not there;
 * - `/var/log mounted` what the storage has there is mounted on it; `/etc/x -> /persist/etc/x` a link;
 * - `root tmpfs 90%`, `root ext4`, `root unknown`, `unit forgejo.service /var/lib/forgejo` (with `dynamic` for DynamicUser, `failed`) for what else matters.
 */
export interface LiveExample {
  readonly title: string;
  readonly text: string;
  readonly host: string;
  /** The whole text after the first fix of the first problem that edits it; omitted where there is none. */
  readonly fixed?: string;
  /** The commands that the first fix with commands shows, one a line; omitted where there is none. */
  readonly commands?: string;
}

/** A problem with the rule that found it and the level that is in force. */
export interface LiveFinding extends LiveProblem {
  readonly code: string;
  readonly level: Level;
}
