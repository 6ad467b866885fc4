import { unnamed } from "../nix/nodes";
import { type Reading, readPersistence, unreadable } from "../persistence/read";
import type { SourceFile } from "../rules/rule";
import { isIgnoreFile } from "../scan/ignore";
import { SyntaxDocument } from "../syntax/document";
import type { Grammar } from "../syntax/grammar";
import { type SharedTree, Trees } from "./trees";

/** The disk as the service sees it; names are absolute paths. */
export interface FileAccess {
  /** Changes when the file does; null where there is no such file. */
  stamp(name: string): string | null;
  /** The text, null where it cannot be read. */
  read(name: string): string | null;
  /** What is there; null where there is nothing. */
  kind(name: string): "file" | "folder" | null;
  /** Where a name leads through links; null where there is nothing. */
  real(name: string): string | null;
  /** What is in a folder, by name; empty where it cannot be read. */
  list(folder: string): readonly { readonly name: string; readonly kind: "file" | "folder" | "link" }[];
  /** The `.nix` files below a folder, hidden folders and build results left out; at most `limit`, looked for in a number of folders that goes with it. */
  nixFiles(folder: string, limit: number): readonly string[];
}

/** What files are read with besides their own text. */
export interface Readings {
  /** Changes when files may be read differently. */
  readonly version: number;
  /**
   * What a file is read with as a part of a host, or of any host, for one person or for whoever has it; null where nothing is known of the
   * files around it.
   */
  readonly readingOf: (
    name: string,
    document: SyntaxDocument,
    host: string | null,
    person: string | null,
  ) => Reading | null;
  /** The people whose modules a file is a part of. */
  readonly peopleOf: (name: string) => readonly string[];
  /** The host, where it makes a difference which of its hosts a file is read for; else null. */
  readonly hostThatMatters: (name: string, host: string | null) => string | null;
}

const none: Readings = { version: 0, readingOf: () => null, peopleOf: () => [], hostThatMatters: () => null };

/** What a text was read as, by host. */
interface Known {
  readonly version: number;
  readonly files: Map<string | null, SourceFile>;
}

interface OpenFile {
  readonly document: SyntaxDocument;
  /** The last text that parsed; null until there is one. */
  sound: string | null;
  known: Known | null;
  /** Read by itself. */
  alone: SourceFile | null;
  /** As it was when it was last read. */
  last: SourceFile | null;
}

/** The texts Tidemark knows: open ones as the editor has them, others as they are on disk. Hands out plain data; owns all syntax trees. */
export class FileStore {
  readonly #open = new Map<string, OpenFile>();
  readonly #mentions = new Map<string, { stamp: string; found: boolean }>();
  readonly #closed = new Map<string, { stamp: string; known: Known }>();
  readonly #alone = new Map<string, { stamp: string; file: SourceFile }>();
  readings: Readings = none;
  #lately = false;

  /** The trees of files that are not open, shared with whoever evaluates them. */
  readonly trees: Trees;

  constructor(
    private readonly grammar: Grammar,
    private readonly disk: FileAccess,
  ) {
    this.trees = new Trees(grammar);
  }

  /** Takes the editor's text of a file, new or changed. */
  setText(name: string, text: string): void {
    const known = this.#open.get(name);
    if (known === undefined) {
      const document = new SyntaxDocument(this.grammar, text);
      const sound = document.root?.hasError === false ? text : null;
      this.#open.set(name, { document, sound, known: null, alone: null, last: null });
    } else if (known.document.text !== text) {
      known.document.update(text);
      if (known.document.root?.hasError === false) known.sound = text;
      const [read] = known.known?.files.values() ?? [];
      known.last = read ?? known.last;
      known.known = null;
      known.alone = null;
    }
  }

  /** The text of a file as the editor has it; null where it is not open. */
  openText(name: string): string | null {
    return this.#open.get(name)?.document.text ?? null;
  }

  /** The same as it was when it last parsed, if it did since it was opened: what is half typed says nothing of what the file is to become. */
  soundText(name: string): string | null {
    return this.#open.get(name)?.sound ?? this.openText(name);
  }

  /** The files that are open. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Open files that do not parse as they are now, but did before. */
  get halfTyped(): readonly string[] {
    const open = [...this.#open];
    return open.filter(([, { document, sound }]) => sound !== null && sound !== document.text).map(([name]) => name);
  }

  /** The editor closed the file: from now on the disk counts. */
  close(name: string): void {
    this.#open.get(name)?.document.dispose();
    this.#open.delete(name);
  }

  /**
   * The file with what it says about persistence, read as a part of its repository and of `host`, of whichever host where that is null;
   * null where it cannot be read. The same object until its text or what is known around it changes.
   */
  get(name: string, host: string | null = null): SourceFile | null {
    if (isIgnoreFile(name)) return null;
    const { version } = this.readings;
    const chosen = this.readings.hostThatMatters(name, host);
    const open = this.#open.get(name);
    if (open !== undefined) {
      if (open.known?.version !== version) open.known = { version, files: new Map() };
      if (this.#lately && open.known.files.size === 0 && open.last !== null) return open.last;
      const file = open.known.files.get(chosen) ?? this.#read(name, open.document, chosen);
      open.known.files.set(chosen, file);
      return file;
    }
    const stamp = this.disk.stamp(name);
    if (stamp === null) return null;
    let closed = this.#closed.get(name);
    if (closed?.stamp !== stamp || closed.known.version !== version) {
      closed = { stamp, known: { version, files: new Map() } };
      this.#closed.set(name, closed);
    }
    const { files } = closed.known;
    const file = files.get(chosen) ?? this.#fromDisk(name, stamp, (document) => this.#read(name, document, chosen));
    if (file !== null) files.set(chosen, file);
    return file;
  }

  /** The file read by itself; null where it cannot be read. The same object until its text changes. */
  alone(name: string): SourceFile | null {
    const open = this.#open.get(name);
    if (open !== undefined) {
      open.alone ??= sourceFile(name, open.document, null);
      return open.alone;
    }
    const stamp = this.disk.stamp(name);
    const closed = this.#alone.get(name);
    if (stamp !== null && closed?.stamp === stamp) return closed.file;
    const file = this.#fromDisk(name, stamp, (document) => sourceFile(name, document, null));
    if (file !== null && stamp !== null) this.#alone.set(name, { stamp, file });
    return file;
  }

  /** The file as it is for each person whose modules it is a part of, where those are several; nothing is remembered. */
  forPeople(name: string): readonly SourceFile[] {
    const people = this.readings.peopleOf(name);
    if (people.length < 2) return [];
    return people.flatMap((person) => {
      const read = (document: SyntaxDocument): SourceFile => this.#read(name, document, null, person);
      const open = this.#open.get(name);
      return open === undefined ? (this.#fromDisk(name, this.disk.stamp(name), read) ?? []) : [read(open.document)];
    });
  }

  #read(name: string, document: SyntaxDocument, host: string | null, person: string | null = null): SourceFile {
    return sourceFile(name, document, this.readings.readingOf(name, document, host, person));
  }

  #fromDisk(name: string, stamp: string | null, read: (document: SyntaxDocument) => SourceFile): SourceFile | null {
    const tree = stamp === null ? null : this.#treeOf(name, stamp);
    if (tree === null) return null;
    try {
      return read(tree.document);
    } finally {
      tree.release();
    }
  }

  #treeOf(name: string, stamp: string): SharedTree | null {
    const source = this.trees.sourceOnDisk(name, this.disk, stamp);
    return source === null ? null : this.trees.hold(source);
  }

  /**
   * Runs `work`, for which an open file is as it was when it was last read: for answers between two keystrokes, which must not wait for
   * a large file to be read anew.
   */
  lately<T>(work: () => T): T {
    this.#lately = true;
    try {
      return work();
    } finally {
      this.#lately = false;
    }
  }

  /** The newest text of a file; null where it cannot be read. */
  text(name: string): string | null {
    return this.#open.get(name)?.document.text ?? this.get(name)?.text ?? null;
  }

  /** The file as it would be with another text; nothing is remembered. */
  withText(name: string, text: string): SourceFile {
    const document = new SyntaxDocument(this.grammar, text);
    try {
      return this.#read(name, document, null);
    } finally {
      document.dispose();
    }
  }

  /** Whether a file's text contains one of `texts`; read without parsing, and remembered until the file changes. */
  mentions(name: string, ...texts: readonly string[]): boolean {
    const open = this.#open.get(name);
    if (open !== undefined) return texts.some((text) => open.document.text.includes(text));
    const stamp = this.disk.stamp(name);
    if (stamp === null) return false;
    const key = [...texts, name].join("\0");
    const known = this.#mentions.get(key);
    if (known?.stamp === stamp) return known.found;
    const content = this.disk.read(name);
    const found = content !== null && texts.some((text) => content.includes(text));
    this.#mentions.set(key, { stamp, found });
    return found;
  }

  /** The text of a file that is no Nix file; null where it cannot be read. */
  readText(name: string): string | null {
    return this.disk.stamp(name) === null ? null : this.disk.read(name);
  }

  has(name: string): boolean {
    return this.#open.has(name) || this.disk.stamp(name) !== null;
  }

  nixFiles(folder: string, limit: number): readonly string[] {
    return this.disk.nixFiles(folder, limit);
  }

  dispose(): void {
    for (const name of [...this.#open.keys()]) this.close(name);
  }
}

function sourceFile(name: string, document: SyntaxDocument, reading: Reading | null): SourceFile {
  const { text, root } = document;
  if (root === null) return { name, text, persistence: unreadable(text) };
  if (reading !== null) return { name, text, persistence: readPersistence(root, text, reading) };
  return { name, text, persistence: unnamed(root, () => readPersistence(root, text)) };
}
