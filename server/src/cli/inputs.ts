import { statSync } from "node:fs";
import path from "node:path";
import { bundledGrammar } from "../service/bundledGrammar";
import { diskFiles } from "../service/diskFiles";
import { Tidemark } from "../service/tidemark";
import { CommandError } from "./command";

/** How many files a folder is searched for. */
const maximumFiles = 100_000;

/** The service over the disk; the grammar lies beside the bundle. */
export async function openService(): Promise<Tidemark> {
  return new Tidemark(await bundledGrammar(__dirname), diskFiles);
}

/** A Nix file to look at: its absolute name, and the path to show, in the form the user gave. */
export interface Input {
  readonly name: string;
  readonly shown: string;
}

/** The Nix files that paths on the command line stand for: files themselves, folders with all below. */
export function nixFilesOf(paths: readonly string[]): Input[] {
  const seen = new Map<string, Input>();
  for (const given of paths) {
    const stat = statSync(given, { throwIfNoEntry: false });
    if (stat === undefined) throw new CommandError(`${given} does not exist.`);
    const base = path.resolve(given);
    const names = stat.isDirectory() ? diskFiles.nixFiles(base, maximumFiles) : [base];
    for (const name of names) {
      const shown = name === base ? given : path.join(given, path.relative(base, name));
      if (!seen.has(name)) seen.set(name, { name, shown });
    }
  }
  return [...seen.values()];
}

/** The file, or a CommandError that says it cannot be read. */
export function readSource(service: Tidemark, input: Input) {
  const file = service.files.get(input.name);
  if (file === null)
    throw new CommandError(`${input.shown} cannot be read. Check that it is a text file and that you may read it.`);
  return file;
}
