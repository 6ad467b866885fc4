import path from "node:path";
import type { Source } from "../nix/nodes";
import type { Files, Parsed } from "../nix/world";
import type { FileAccess } from "./fileStore";
import type { SharedTree, Trees } from "./trees";

/** Longer texts are no configuration: they are read as nothing the second time. */
const maximumKept = 5_000_000;

/** The files of one evaluation: it sees each as it was when it first looked, and holds the syntax trees until it is disposed. */
export class ProjectFiles implements Files {
  readonly #sources = new Map<string, Source | null>();
  readonly #trees = new Map<string, SharedTree | null>();
  readonly #kinds = new Map<string, "file" | "folder" | null>();
  readonly #texts = new Map<string, string | null>();
  readonly #inside = new Map<string, boolean>();
  readonly #folders = new Map<string, ReadonlyMap<string, "file" | "folder" | "link">>();
  #realRoot: string | null = null;

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
      kind = this.#isNamedInside(name) && this.openText(name) !== null ? "file" : this.#onDisk(name);
      this.#kinds.set(name, kind);
    }
    return kind;
  };

  list = (folder: string) => {
    return this.#isInside(folder) ? this.disk.list(folder) : [];
  };

  /** What the names in a folder are. */
  #inFolder(folder: string): ReadonlyMap<string, "file" | "folder" | "link"> {
    let found = this.#folders.get(folder);
    if (found === undefined) {
      found = new Map(this.disk.list(folder).map(({ name, kind }) => [name, kind]));
      this.#folders.set(folder, found);
    }
    return found;
  }

  text = (name: string): string | null => {
    let text = this.#texts.get(name);
    if (text === undefined) {
      const open = this.#isNamedInside(name) ? this.openText(name) : null;
      text = open ?? (this.#isInside(name) && this.disk.stamp(name) !== null ? this.disk.read(name) : null);
      this.#texts.set(name, text === null || text.length > maximumKept ? null : text);
    }
    return text;
  };

  source = (name: string): Source | null => {
    let source = this.#sources.get(name);
    if (source === undefined) {
      const open = this.#isNamedInside(name) ? this.openText(name) : null;
      source =
        open !== null
          ? this.trees.source(name, open)
          : this.#isInside(name)
            ? this.trees.sourceOnDisk(name, this.disk)
            : null;
      this.#sources.set(name, source);
    }
    return source;
  };

  tree = (name: string): Parsed | null => {
    let tree = this.#trees.get(name);
    if (tree === undefined) {
      const source = this.source(name);
      tree = source === null ? null : this.trees.hold(source);
      this.#trees.set(name, tree);
    }
    return tree?.parsed ?? null;
  };

  parse = (name: string, text: string): Parsed | null => {
    const tree = this.#trees.get(name) ?? this.trees.hold(this.trees.source(name, text));
    this.#trees.set(name, tree);
    return tree.parsed;
  };

  /** The files whose syntax trees were needed. */
  get parsedFiles(): readonly string[] {
    return [...this.#trees.keys()];
  }

  /** Looks at all that an earlier evaluation looked at; false where anything but the texts of Nix files is not what it was. */
  takeOver(earlier: ProjectFiles): boolean {
    for (const [name, kind] of earlier.#kinds) if (this.kind(name) !== kind) return false;
    for (const [name, text] of earlier.#texts) if (this.text(name) !== text) return false;
    return true;
  }

  /** Whether it was asked for a file, be it there or not. */
  looksAt(name: string): boolean {
    return this.#kinds.has(name) || this.#texts.has(name) || this.#sources.has(name);
  }

  #onDisk(name: string): "file" | "folder" | null {
    if (!this.#isInside(name)) return null;
    const kind = this.#inFolder(path.dirname(name)).get(path.basename(name));
    return kind === "file" || kind === "folder" ? kind : this.disk.kind(name);
  }

  #isNamedInside(name: string): boolean {
    return isBelow(name, this.root) && path.normalize(name) === name;
  }

  /** Whether a name leads to something of the project: a link out of it is not followed. */
  #isInside(name: string): boolean {
    let inside = this.#inside.get(name);
    if (inside === undefined) {
      inside = this.#isNamedInside(name) && this.#leadsInside(name);
      this.#inside.set(name, inside);
    }
    return inside;
  }

  #leadsInside(name: string): boolean {
    const folder = path.dirname(name);
    // Only a link leads elsewhere than the folder it is in.
    if (name !== this.root && this.#isInside(folder)) {
      const kind = this.#inFolder(folder).get(path.basename(name));
      if (kind === "file" || kind === "folder") return true;
    }
    this.#realRoot ??= this.disk.real(this.root) ?? this.root;
    const real = this.disk.real(name);
    return real !== null && isBelow(real, this.#realRoot);
  }

  dispose(): void {
    for (const tree of this.#trees.values()) tree?.release();
    this.#trees.clear();
  }
}

function isBelow(name: string, folder: string): boolean {
  return name === folder || name.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);
}
