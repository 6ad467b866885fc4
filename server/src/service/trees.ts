import { SyntaxDocument } from "../syntax/document";
import type { Grammar } from "../syntax/grammar";

/** A text that is not edited, with its syntax tree. Whoever holds it lets go of it once. */
export interface SharedTree {
  readonly document: SyntaxDocument;
  readonly release: () => void;
}

interface Held extends SharedTree {
  /** What the disk said of the file when the text was read; null where the text is none of the disk's. */
  stamp: string | null;
  holders: number;
}

/**
 * Syntax trees by file, each parsed once for all that look at the same text: the evaluation in use, the next one, and whoever reads the
 * file by itself. A tree is freed when its last holder lets go of it.
 */
export class Trees {
  readonly #newest = new Map<string, Held>();

  constructor(private readonly grammar: Grammar) {}

  /** The tree of a text. `stamp` is what the disk says of the file, if the text is the disk's. */
  hold(name: string, text: string, stamp: string | null = null): SharedTree {
    const known = this.#newest.get(name);
    if (known?.document.text === text) {
      known.stamp = stamp ?? known.stamp;
      return taken(known);
    }
    const document = new SyntaxDocument(this.grammar, text);
    const made: Held = { document, stamp, holders: 0, release: () => this.#release(name, made) };
    this.#newest.set(name, made);
    return taken(made);
  }

  /** The tree of a file that is on disk as it was when it was read; null where none is held. */
  unchanged(name: string, stamp: string): SharedTree | null {
    const known = this.#newest.get(name);
    return known?.stamp === stamp ? taken(known) : null;
  }

  #release(name: string, tree: Held): void {
    tree.holders--;
    if (tree.holders > 0) return;
    if (this.#newest.get(name) === tree) this.#newest.delete(name);
    tree.document.dispose();
  }
}

function taken(tree: Held): SharedTree {
  tree.holders++;
  return tree;
}
