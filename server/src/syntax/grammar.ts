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

/** A whole file of 5 MB takes about a second. */
const limitMilliseconds = 8000;

/**
 * Loads the grammar from the bytes of `web-tree-sitter.wasm` (the runtime) and `tree-sitter-nix.wasm`.
 * `now` is a clock in milliseconds, for the limit of `parse`.
 */
export async function loadGrammar(runtime: Uint8Array, grammar: Uint8Array, now: () => number): Promise<Grammar> {
  await Parser.init({ wasmBinary: runtime });
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return {
    parse(masked, previous) {
      const end = now() + limitMilliseconds;
      const tree = parser.parse(masked, previous, { progressCallback: () => now() > end });
      // Otherwise the next parse would go on where this one was stopped.
      if (tree === null) parser.reset();
      return tree;
    },
  };
}
