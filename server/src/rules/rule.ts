import type { PersistenceFile, PersistenceModule, StorageBlock } from "../persistence/model";
import type { Span, TextEdit } from "../syntax/span";

export type Level = "error" | "warning" | "info" | "hint";

/** One file of a host as rules see it. */
export interface SourceFile {
  /** Path or URI; only compared and passed on. */
  readonly name: string;
  readonly text: string;
  readonly persistence: PersistenceFile;
}

/** A host as its modules together make it. */
export interface EvaluatedHost {
  readonly name: string;
  /** The files its modules are in; data files are not among them. */
  readonly files: readonly string[];
  /** Its storages; the origin of an entry tells where it is written. */
  readonly storages: readonly StorageBlock[];
  /** Modules to whose option the host adds more options, or that it declares itself instead: what they accept is not all it takes. */
  readonly ownModules: ReadonlyMap<PersistenceModule, "more" | "instead">;
}

/** What a rule looks at: one file, and all files known to belong to the same host (`host` includes `file`). */
export interface RuleContext {
  readonly file: SourceFile;
  readonly host: readonly SourceFile[];
  /** True when `host` is all of it. Only then can something be missing for sure. */
  readonly hostIsWhole: boolean;
  /** The hosts the file is a part of, evaluated; empty where that is not known. They may be as of a moment before the last edit. */
  readonly evaluated: readonly EvaluatedHost[];
  // What follows reads the disk, so it is asked only when a rule is about to speak.
  /** True when no other Nix file lies near the file: then most likely it is all there is. */
  readonly standsAlone: () => boolean;
  /** Whether another file, which may belong to the same host, mentions one of the texts: ask for all at once, each file is read for it. */
  readonly mentionedElsewhere: (...texts: readonly string[]) => boolean;
  /** True when the repository locks impermanence at a revision that still has, or may have, the options removed in September 2025. */
  readonly oldImpermanence: () => boolean;
  /** True when the repository locks nixpkgs before NixOS 24.11. */
  readonly oldNixpkgs: () => boolean;
}

/** What a rule says about a place of `context.file`. */
export interface Problem {
  readonly span: Span;
  /** One or two sentences: what is wrong, what happens, what to do. */
  readonly message: string;
  /** Instead of the rule's own level, where one rule has cases that Nix treats differently. */
  readonly level?: Level;
  readonly fixes?: readonly Fix[];
  readonly related?: readonly RelatedPlace[];
  readonly unnecessary?: boolean;
  readonly deprecated?: boolean;
}

/** An edit of the file the problem is in, and maybe of others. The first fix of a problem is the preferred one, unless it says otherwise. */
export interface Fix {
  /** What it does, as a lightbulb shows it: `Remove the second "/var/log"`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /**
   * True where nobody would want anything else: what evaluates still means the same afterwards, or what did not evaluate means the only
   * thing it can. Applied with all others of its kind by one command, without being looked at.
   */
  readonly safe?: true;
  /** Edits of other files of the host that belong to it, by file name. */
  readonly others?: ReadonlyMap<string, readonly TextEdit[]>;
}

export interface RelatedPlace {
  readonly file: string;
  readonly span: Span;
  readonly message: string;
}

export interface Rule {
  /** The diagnostic's code, its setting key and its anchor in the documentation; stable for ever. */
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  /** Markdown for the page of rules: why it matters, what happens at boot, how to fix it. */
  readonly doc: string;
  readonly check: (context: RuleContext) => readonly Problem[];
  readonly examples: readonly Example[];
}

/**
 * A text that is both documentation and test. A line `# ^^^ message` below a line of Nix says: there is exactly one problem
 * on the columns of the carets, and its message contains the text. A text without such lines has no problem.
 */
export interface Example {
  readonly title: string;
  readonly text: string;
  /** The whole text after the first fix of the first problem (without the marker lines); omitted where there is no fix. */
  readonly fixed?: string;
}

/** A problem with the rule that found it and the level that is in force. */
export interface Finding extends Problem {
  readonly code: string;
  readonly level: Level;
}
