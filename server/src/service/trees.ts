import type { Source } from "../nix/nodes";
import type { Parsed } from "../nix/world";
import { SyntaxDocument } from "../syntax/document";
import type { Grammar } from "../syntax/grammar";
import type { FileAccess } from "./fileStore";

/** A text that is not edited, with its syntax tree. Whoever holds it lets go of it once. */
export interface SharedTree {
  readonly document: SyntaxDocument;
  /** Null when the text was too much for the parser. */
  readonly parsed: Parsed | null;
  readonly release: () => void;
}

interface Held extends SharedTree {
  holders: number;
}

interface Known {
  readonly source: Source;
  /** What the disk said of the file when the text was read; null where the text is none of the disk's. */
  stamp: string | null;
}

/**
 * The newest texts of files, and syntax trees, each parsed once for all that look at the same text: the evaluation in use, the next one, and
 * whoever reads the file by itself. A tree is freed when its last holder lets go of it.
 */
export class Trees {
  readonly #newest = new Map<string, Known>();
  readonly #held = new Map<Source, Held>();

  constructor(private readonly grammar: Grammar) {}

  /** A text of a file: the same one as long as it does not change. `stamp` is what the disk says of the file, if the text is the disk's. */
  source(name: string, text: string, stamp: string | null = null): Source {
    let known = this.#newest.get(name);
    if (known?.source.text !== text) {
      known = { source: { file: name, text }, stamp };
      this.#newest.set(name, known);
    }
    known.stamp = stamp ?? known.stamp;
    return known.source;
  }

  /** The text of a file on disk, read where the disk does not say that it is what it was; null where it cannot be read. */
  sourceOnDisk(name: string, disk: FileAccess, stamp = disk.stamp(name)): Source | null {
    if (stamp === null) return null;
    const known = this.#newest.get(name);
    if (known?.stamp === stamp) return known.source;
    const text = disk.read(name);
    return text === null ? null : this.source(name, text, stamp);
  }

  /** The tree of a text. */
  hold(source: Source): SharedTree {
    let held = this.#held.get(source);
    if (held === undefined) {
      held = this.#parse(source);
      this.#held.set(source, held);
    }
    held.holders++;
    return held;
  }

  #parse(source: Source): Held {
    const document = new SyntaxDocument(this.grammar, source.text);
    const { root } = document;
    if (root !== null) root.tree.source = source;
    const held: Held = {
      document,
      parsed: root === null ? null : { root, source },
      holders: 0,
      release: () => {
        held.holders--;
        if (held.holders > 0) return;
        this.#held.delete(source);
        document.dispose();
      },
    };
    return held;
  }
}
