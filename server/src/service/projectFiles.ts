import path from "node:path";
import type { Files } from "../nix/world";
import type { FileAccess } from "./fileStore";
import type { SharedTree, Trees } from "./trees";

/** The files of one evaluation: it sees each as it was when it first looked, and holds the syntax trees until it is disposed. */
export class ProjectFiles implements Files {
  readonly #trees = new Map<string, SharedTree | null>();
  readonly #kinds = new Map<string, "file" | "folder" | null>();
  /** All that was looked at, to tell when the evaluation is out of date: texts by file, and folders. */
  readonly folders = new Set<string>();

  constructor(
    private readonly trees: Trees,
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
    let tree = this.#trees.get(name);
    if (tree === undefined) {
      tree = this.#isInside(name) ? this.#hold(name) : null;
      this.#trees.set(name, tree);
    }
    return tree === null ? null : contentOf(tree);
  };

  parse = (name: string, text: string) => {
    const tree = this.#trees.get(name) ?? this.trees.hold(name, text);
    this.#trees.set(name, tree);
    return contentOf(tree);
  };

  #hold(name: string): SharedTree | null {
    const open = this.openText(name);
    if (open !== null) return this.trees.hold(name, open);
    const stamp = this.disk.stamp(name);
    if (stamp === null) return null;
    const known = this.trees.unchanged(name, stamp);
    if (known !== null) return known;
    const text = this.disk.read(name);
    return text === null ? null : this.trees.hold(name, text, stamp);
  }

  #isInside(name: string): boolean {
    return name === this.root || name.startsWith(`${this.root}${path.sep}`);
  }

  dispose(): void {
    for (const tree of this.#trees.values()) tree?.release();
    this.#trees.clear();
  }
}

function contentOf({ document: { root, text } }: SharedTree) {
  return root === null ? null : { root, text };
}
