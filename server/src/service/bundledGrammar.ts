import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Clocks, type Grammar, loadGrammar } from "../syntax/grammar";

/** The clocks of this process. */
export const processClocks: Clocks = {
  passed: () => performance.now(),
  worked: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** Loads the grammar that the build puts beside the bundles. */
export async function bundledGrammar(folder: string): Promise<Grammar> {
  const [runtime, grammar] = await Promise.all([
    readFile(path.join(folder, "web-tree-sitter.wasm")),
    readFile(path.join(folder, "tree-sitter-nix.wasm")),
  ]);
  return loadGrammar(runtime, grammar, processClocks);
}
