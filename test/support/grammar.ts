import { readFileSync } from "node:fs";
import path from "node:path";
import type { PersistenceFile } from "../../server/src/persistence/model";
import { readPersistence, unreadable } from "../../server/src/persistence/read";
import { processClocks } from "../../server/src/service/bundledGrammar";
import { SyntaxDocument } from "../../server/src/syntax/document";
import { type Clocks, type Grammar, loadGrammar } from "../../server/src/syntax/grammar";

const dist = path.join(__dirname, "..", "..", "dist");
let loaded: Promise<Grammar> | undefined;

/** The real grammar, built by `npm run build`. */
export function grammar(): Promise<Grammar> {
  loaded ??= grammarWith(processClocks);
  return loaded;
}

/** The same with a limit by other clocks. */
export function grammarWith(clocks: Clocks): Promise<Grammar> {
  return loadGrammar(
    readFileSync(path.join(dist, "web-tree-sitter.wasm")),
    readFileSync(path.join(dist, "tree-sitter-nix.wasm")),
    clocks,
  );
}

/** What one Nix text says about persistence. */
export async function read(text: string): Promise<PersistenceFile> {
  const document = new SyntaxDocument(await grammar(), text);
  try {
    return document.root === null ? unreadable(text) : readPersistence(document.root, text);
  } finally {
    document.dispose();
  }
}
