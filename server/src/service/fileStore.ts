import { readPersistence, unreadable } from "../persistence/read";
import type { SourceFile } from "../rules/rule";
import { SyntaxDocument } from "../syntax/document";
import type { Grammar } from "../syntax/grammar";

/** The disk as the service sees it; names are absolute paths. */
export interface FileAccess {
  /** Changes when the file does; null where there is no such file. */
  stamp(name: string): string | null;
  /** The text, null where it cannot be read. */
  read(name: string): string | null;
  /** The `.nix` files below a folder, hidden folders and build results left out; at most `limit`, looked for in a number of folders that goes with it. */
  nixFiles(folder: string, limit: number): readonly string[];
}

/** The texts Tidemark knows: open ones as the editor has them, others as they are on disk. Hands out plain data; owns all syntax trees. */
export class FileStore {
  readonly #open = new Map<string, { document: SyntaxDocument; file: SourceFile | null; last: SourceFile | null }>();
  readonly #mentions = new Map<string, { stamp: string; found: boolean }>();
  readonly #closed = new Map<string, { stamp: string; file: SourceFile }>();
  #lately = false;

  constructor(
    private readonly grammar: Grammar,
    private readonly disk: FileAccess,
  ) {}

  /** Takes the editor's text of a file, new or changed. */
  setText(name: string, text: string): void {
    const known = this.#open.get(name);
    if (known === undefined)
      this.#open.set(name, { document: new SyntaxDocument(this.grammar, text), file: null, last: null });
    else if (known.document.text !== text) {
      known.document.update(text);
      known.last = known.file ?? known.last;
      known.file = null;
    }
  }

  /** The editor closed the file: from now on the disk counts. */
  close(name: string): void {
    this.#open.get(name)?.document.dispose();
    this.#open.delete(name);
  }

  /** The file with what it says about persistence; null where it cannot be read. The same object until the text changes. */
  get(name: string): SourceFile | null {
    const open = this.#open.get(name);
    if (open !== undefined) {
      if (this.#lately && open.file === null && open.last !== null) return open.last;
      open.file ??= sourceFile(name, open.document);
      return open.file;
    }
    const stamp = this.disk.stamp(name);
    if (stamp === null) return null;
    const closed = this.#closed.get(name);
    if (closed?.stamp === stamp) return closed.file;
    const text = this.disk.read(name);
    if (text === null) return null;
    const document = new SyntaxDocument(this.grammar, text);
    const file = sourceFile(name, document);
    document.dispose();
    this.#closed.set(name, { stamp, file });
    return file;
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
      return sourceFile(name, document);
    } finally {
      document.dispose();
    }
  }

  /** Whether a file's text contains `text`; read without parsing, and remembered until the file changes. */
  mentions(name: string, text: string): boolean {
    const open = this.#open.get(name);
    if (open !== undefined) return open.document.text.includes(text);
    const stamp = this.disk.stamp(name);
    if (stamp === null) return false;
    const key = `${text}\0${name}`;
    const known = this.#mentions.get(key);
    if (known?.stamp === stamp) return known.found;
    const found = this.disk.read(name)?.includes(text) ?? false;
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

function sourceFile(name: string, document: SyntaxDocument): SourceFile {
  const { text, root } = document;
  return { name, text, persistence: root === null ? unreadable(text) : readPersistence(root, text) };
}
