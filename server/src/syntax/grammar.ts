import { Language, Parser, type Tree } from "web-tree-sitter";

/** The Nix grammar, ready to parse. One per process; parsing is synchronous. */
export interface Grammar {
  /** Parses masked text; with `previous` (already told of its edit) only the changed part is parsed anew. */
  parse(masked: string, previous: Tree | null): Tree;
}

/** Loads the grammar from the bytes of `web-tree-sitter.wasm` (the runtime) and `tree-sitter-nix.wasm`. */
export async function loadGrammar(runtime: Uint8Array, grammar: Uint8Array): Promise<Grammar> {
  await Parser.init({ wasmBinary: runtime });
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return {
    parse(masked, previous) {
      const tree = parser.parse(masked, previous);
      if (tree === null) throw new Error("the Nix parser gave no tree although no limit was set");
      return tree;
    },
  };
}
