import type { EntryKind, PersistenceModule, Scope } from "../persistence/model";

/** What Nix evaluates. Folders and files are absolute paths on this machine. */
export type EvaluationTarget =
  /** `nixosConfigurations.<host>` of the flake whose `flake.nix` lies in `folder`. */
  | { readonly kind: "flake"; readonly folder: string; readonly host: string }
  /** A configuration without a flake, evaluated with the `<nixpkgs/nixos>` of this machine's search path. */
  | { readonly kind: "file"; readonly file: string };

/** What Nix says of a host: plain data, complete and of the right types whatever Nix answered. */
export interface EvaluatedHost {
  readonly storages: readonly EvaluatedStorage[];
  /** What the enabled storages keep. */
  readonly entries: readonly EvaluatedEntry[];
  readonly fileSystems: readonly EvaluatedFileSystem[];
  readonly users: readonly EvaluatedUser[];
  readonly services: readonly EvaluatedService[];
  /** Options that threw and are left out, e.g. `environment.persistence./persist`. */
  readonly failed: readonly string[];
}

export interface EvaluatedStorage {
  readonly module: PersistenceModule;
  /** The attribute's name in the option. */
  readonly name: string;
  readonly path: string;
  readonly enabled: boolean;
}

export interface EvaluatedEntry {
  readonly module: PersistenceModule;
  readonly kind: EntryKind;
  /** Absolute and normalised on the host. */
  readonly path: string;
  readonly storagePath: string;
  readonly scope: Scope;
  /** Owner of the source when it is created; null where the module does not say. */
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
}

export interface EvaluatedFileSystem {
  readonly mountPoint: string;
  readonly device: string | null;
  readonly fsType: string | null;
  readonly neededForBoot: boolean;
  /** Mount options but for those that may hold a secret (`password=…`). */
  readonly options: readonly string[];
}

export interface EvaluatedUser {
  readonly name: string;
  readonly home: string | null;
  readonly group: string | null;
}

/** A systemd service that keeps state: its directories are relative to `/var/lib`. */
export interface EvaluatedService {
  readonly name: string;
  readonly stateDirectories: readonly string[];
  /** With DynamicUser the state is in `/var/lib/private`. */
  readonly dynamicUser: boolean;
  readonly user: string | null;
}

/** An error of Nix's, its places as Nix writes them: paths in the Nix store, mostly. */
export interface NixError {
  readonly message: string;
  /** Where it happened; null where Nix does not say, as for what a module throws. */
  readonly place: NixPlace | null;
  /** What was being evaluated, from the error outwards. */
  readonly frames: readonly NixPlace[];
}

/** Lines and columns count from 1, columns in bytes, as Nix counts them. */
export interface NixPlace {
  readonly file: string;
  /** Null where Nix names the file and no line. */
  readonly line: number | null;
  readonly column: number | null;
}

export type EvaluationErrorKind =
  | "no-nix"
  | "bad-host"
  | "no-such-host"
  | "nix-error"
  | "timeout"
  | "too-large"
  | "answer"
  | "cancelled";

/** The evaluation brought nothing. `message` says what happened to which host; `next` what to do about it. */
export class EvaluationError extends Error {
  constructor(
    readonly kind: EvaluationErrorKind,
    message: string,
    readonly next: string,
    /** The place in the user's own files, where Nix names one. */
    readonly place: NixPlace | null = null,
  ) {
    super(message);
    this.name = "EvaluationError";
  }
}
