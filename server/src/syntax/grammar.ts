import { Language, Parser, type Tree } from "web-tree-sitter";

/** The Nix grammar, ready to parse. One per process; parsing is synchronous. */
export interface Grammar {
  /**
   * Parses masked text; with `previous` (already told of its edit) only the changed part is parsed anew.
   * Null when the text takes longer than the limit: some texts (ten thousand minus signs) cost the parser time without measure,
   * none of them written by a person.
   */
  parse(masked: string, previous: Tree | null): Tree | null;
}

/** Clocks in milliseconds, for the limit of `parse`. */
export interface Clocks {
  /** The time that passes; asking it costs nothing to speak of. */
  readonly passed: () => number;
  /** The processor time that this process takes: it stands still while the process does, on a machine that sleeps or has too much to do. */
  readonly worked: () => number;
}

/** Processor time; a whole file of 5 MB takes about two seconds. */
const limitMilliseconds = 8000;
/** What takes no longer than this is not watched, since asking for processor time would cost small files a part of theirs. */
const unwatchedMilliseconds = 500;

/** Loads the grammar from the bytes of `web-tree-sitter.wasm` (the runtime) and `tree-sitter-nix.wasm`. */
export async function loadGrammar(runtime: Uint8Array, grammar: Uint8Array, clocks: Clocks): Promise<Grammar> {
  await Parser.init({ wasmBinary: runtime });
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return {
    parse(masked, previous) {
      const tree = parser.parse(masked, previous, { progressCallback: limit(clocks) });
      // Otherwise the next parse would go on where this one was stopped.
      if (tree === null) parser.reset();
      return tree;
    },
  };
}

/** Says whether the limit is reached, from now on. */
function limit({ passed, worked }: Clocks): () => boolean {
  const watched = passed() + unwatchedMilliseconds;
  let end: number | null = null;
  return () => {
    if (passed() <= watched) return false;
    end ??= worked() + limitMilliseconds;
    return worked() > end;
  };
}
