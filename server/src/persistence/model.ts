import type { AttrName, Value } from "../nix/value";
import type { Span } from "../syntax/span";

/** Which module's option a block sets. */
export type PersistenceModule = "impermanence" | "home-manager" | "preservation";
export type ListName = "directories" | "files";
export type EntryKind = "directory" | "file";

/** Whose paths: the system's (absolute), or one user's (relative to the home directory). `user` is null where not known. */
export type Scope = { readonly kind: "system" } | { readonly kind: "user"; readonly user: string | null };

/** One option set inside a block, an entry or a user scope: `hideMounts = true;`. */
export interface Setting {
  readonly name: AttrName;
  readonly value: Value;
  /** Where only a part of the option is set (`parentDirectory.mode = "0700";`): the rest of the path and its value. `value` is then unknown. */
  readonly part?: { readonly path: readonly AttrName[]; readonly value: Value };
  readonly span: Span;
}

/**
 * One place in a file that contributes to a storage: `environment.persistence."/persist" = { … }`, or a dotted part of it.
 * Several blocks may contribute to one storage.
 */
export interface StorageBlock {
  readonly module: PersistenceModule;
  /**
   * Which module of the file the block stands in: empty for the file's own, else where the other module is written
   * (`nixosConfigurations.a.modules.@120`). Blocks of different units are not known to be evaluated together.
   */
  readonly unit: string;
  /** The storage path, null where it is computed; then `storageReason` says why. */
  readonly storagePath: string | null;
  readonly storageReason: string | null;
  /** The attribute path from the first segment to the storage name. */
  readonly nameSpan: Span;
  /** The whole binding with its `;`. */
  readonly span: Span;
  /** The `{ … }` of the storage, where the block is written as one, unconditionally. */
  readonly body: Span | null;
  /** False when `enable = false` is set in this block. */
  readonly enabled: boolean;
  readonly conditional: boolean;
  /** Options at storage level other than lists and users, including ones no module has. */
  readonly settings: readonly Setting[];
  /** `users.<name>` parts written here. */
  readonly users: readonly UserPart[];
  readonly lists: readonly ListDeclaration[];
  /** Parts not understood, with the reason. */
  readonly unknown: readonly { readonly span: Span; readonly reason: string }[];
  /** Offset from which a syntax error makes the rest of this block unreliable; null where the block parses. */
  readonly brokenFrom: number | null;
}

export interface UserPart {
  readonly user: string | null;
  readonly nameSpan: Span;
  readonly body: Span | null;
  readonly settings: readonly Setting[];
}

/** One `directories = …;` or `files = …;`. */
export interface ListDeclaration {
  readonly module: PersistenceModule;
  readonly storagePath: string | null;
  readonly scope: Scope;
  readonly list: ListName;
  /** The binding (name to `;`). */
  readonly span: Span;
  readonly nameSpan: Span;
  readonly value: Value;
  /** `[ … ]` literals an entry could be written to, brackets included; empty when the list is wholly computed. */
  readonly literals: readonly Span[];
  readonly entries: readonly Entry[];
  readonly unknown: readonly { readonly span: Span; readonly reason: string }[];
  readonly conditional: boolean;
}

/** One directory or file a list contributes. */
export interface Entry {
  readonly kind: EntryKind;
  /** As written (evaluated string), e.g. `.ssh` or `/var/log/`. */
  readonly written: string;
  /** Absolute and normalised on the host; null when the scope's home is not known. */
  readonly path: string | null;
  /** The element of the list; of a computed one, the text it is made from. */
  readonly span: Span;
  /** The string that names the path; where that is written elsewhere, the element. */
  readonly pathSpan: Span;
  readonly form: "string" | "attrs";
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
  /** `literal`: the path is written in this declaration; `resolved`: a name or a computation in the same file led to it. */
  readonly certainty: "literal" | "resolved" | "evaluated";
  /** True where the text at `span` is not this entry's alone, so that an edit of it would change others too, or not do what it should. */
  readonly shared: boolean;
  readonly conditional: boolean;
  /** Options of an attribute-set entry other than the path. */
  readonly settings: readonly Setting[];
}

/** All that one file says about persistence, plus the few other facts rules need. Plain data. */
export interface PersistenceFile {
  readonly blocks: readonly StorageBlock[];
  readonly facts: HostFacts;
  /** Options set outside persistence blocks, in the order of the text; see `optionsWhole`. */
  readonly options: readonly OptionFact[];
  /** False when the file sets more options than are kept. */
  readonly optionsWhole: boolean;
  /**
   * The `{ … }` of options the module evaluates to, braces included, where a new option could be added: below functions, `let`, `with`,
   * and `config = { … };` where that is written. Null where the text is no such module, or has it only under a condition.
   */
  readonly moduleBody: Span | null;
  /** The first place that does not parse, or null. */
  readonly syntaxError: SyntaxProblem | null;
}

export interface SyntaxProblem {
  readonly span: Span;
  /** What is missing, e.g. `;`, or null where something unexpected stands there. */
  readonly missing: string | null;
}

/** Facts about the host that the text states next to persistence. Only what is written literally. */
export interface HostFacts {
  /** `users.users.<name>.home`, where written. */
  readonly homes: ReadonlyMap<string, string>;
  /** Options set to a known boolean, by dotted name: `services.openssh.enable` → true. */
  readonly switches: ReadonlyMap<string, boolean>;
  /** `fileSystems.<mount point>`. */
  readonly fileSystems: readonly FileSystemFact[];
  /** Paths of `imports` written as literals, relative as written. */
  readonly imports: readonly { readonly path: string; readonly span: Span }[];
  /** True when the file says what only a host says of itself: its state version, host name or root file system. */
  readonly isHost: boolean;
  /** True when `imports` has parts that may be modules of this repository and are not understood. */
  readonly importsUnknown: boolean;
}

/** One option the file sets outside persistence blocks to anything but a set written out, whose options are facts of their own. */
export interface OptionFact {
  /** The option's name, without a leading `config` or `home-manager.users.<user>`; null stands for a computed segment. */
  readonly path: readonly (string | null)[];
  /** What it is set to, `mkForce`, `mkIf`, `mkAfter` and the like taken off; unknown where it is a set that is put together, or a function. */
  readonly value: Value;
  /** The whole binding, with its `;`. */
  readonly span: Span;
  /** Whose option: the system's, or that of a user's Home Manager module in the same file. */
  readonly scope: Scope;
  /** Which module of the file sets it: empty for the file's own, `let` for what a name is bound to. */
  readonly unit: string;
  readonly conditional: boolean;
  /** Set by the file's own module, and not under a condition. */
  readonly certain: boolean;
  /** The priority that is written at the value itself; `other` for a computed one. One around the whole set is not seen. */
  readonly priority: "normal" | "default" | "force" | "other";
  /** Where the value is ordered among others: `mkBefore`, `mkAfter`. */
  readonly order: "before" | "after" | "other" | null;
}

export interface FileSystemFact {
  readonly mountPoint: string;
  readonly neededForBoot: boolean | null;
  readonly fsType: string | null;
  readonly span: Span;
  /** The value of `neededForBoot`, where the file's own module sets it unconditionally. */
  readonly neededSpan?: Span;
}
