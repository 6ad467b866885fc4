// The repositories of a folder: one folder each, found and read the way the command line does.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { diskFiles } from "../../../server/src/service/diskFiles";

export interface Repository {
  readonly name: string;
  readonly root: string;
  /** Absolute names of its Nix files. */
  readonly files: readonly string[];
}

/** A folder that holds a flake.nix or Nix files itself is one repository; otherwise each folder in it is. */
export function repositoriesIn(folder: string): Repository[] {
  const root = path.resolve(folder);
  if (existsSync(path.join(root, "flake.nix"))) return [repository(root)];
  return readdirSync(root)
    .sort()
    .map((name) => path.join(root, name))
    .filter((each) => statSync(each).isDirectory())
    .map(repository)
    .filter((each) => each.files.length > 0);
}

function repository(root: string): Repository {
  return { name: path.basename(root), root, files: diskFiles.nixFiles(root, 100_000) };
}

const setting =
  /(?<before>[\w'.-]*)(?:\b(?:environment|home)\s*\.\s*persistence|\bpreserveAt|(?<=[{;]\s*)persistence)\b(?<path>[^=;{}\n]*(?:\$\{[^}\n]*\}[^=;{}\n]*)*)=(?!=)/g;

/** Lines (from 1) where the text sets a persistence option, by a search that knows nothing of the parser. */
export function mentionsOf(name: string): number[] {
  const text = withoutComments(readFileSync(name, "utf8"));
  return [...text.matchAll(setting)]
    .filter((match) => !/^options\./.test(match.groups?.["before"] ?? ""))
    .map((match) => text.slice(0, match.index).split("\n").length);
}

/** The text with comments blanked: line breaks stay. A `#` inside a string is left alone if no quote follows it on the line. */
function withoutComments(text: string): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(?:^|(?<=\s))#[^\n]*/g, blank);
}
