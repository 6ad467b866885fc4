import path from "node:path";
import type { Files } from "../nix/world";
import { SyntaxDocument } from "../syntax/document";
import type { Grammar } from "../syntax/grammar";
import type { FileAccess } from "./fileStore";

/** The files of one evaluation: it sees each as it was when it first looked, and holds the syntax trees until it is disposed. */
export class ProjectFiles implements Files {
  readonly #documents = new Map<string, SyntaxDocument | null>();
  readonly #kinds = new Map<string, "file" | "folder" | null>();
  /** All that was looked at, to tell when the evaluation is out of date: texts by file, and folders. */
  readonly folders = new Set<string>();

  constructor(
    private readonly grammar: Grammar,
    private readonly disk: FileAccess,
    /** Nothing outside is looked at. */
    private readonly root: string,
    /** The text of a file as the editor has it; null where the disk counts. */
    private readonly openText: (name: string) => string | null,
  ) {}

  kind = (name: string): "file" | "folder" | null => {
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      kind = this.#isInside(name) ? (this.openText(name) === null ? this.disk.kind(name) : "file") : null;
      this.#kinds.set(name, kind);
    }
    return kind;
  };

  list = (folder: string) => {
    if (!this.#isInside(folder)) return [];
    this.folders.add(folder);
    return this.disk.list(folder);
  };

  text = (name: string): string | null => {
    if (!this.#isInside(name)) return null;
    return this.openText(name) ?? (this.disk.stamp(name) === null ? null : this.disk.read(name));
  };

  tree = (name: string) => {
    let document = this.#documents.get(name);
    if (document === undefined) {
      const text = this.text(name);
      document = text === null ? null : new SyntaxDocument(this.grammar, text);
      this.#documents.set(name, document);
    }
    const root = document?.root ?? null;
    return document === null || root === null ? null : { root, text: document.text };
  };

  parse = (name: string, text: string) => {
    const document = this.#documents.get(name) ?? new SyntaxDocument(this.grammar, text);
    this.#documents.set(name, document);
    return document.root === null ? null : { root: document.root, text: document.text };
  };

  #isInside(name: string): boolean {
    return name === this.root || name.startsWith(`${this.root}${path.sep}`);
  }

  dispose(): void {
    for (const document of this.#documents.values()) document?.dispose();
    this.#documents.clear();
  }
}
