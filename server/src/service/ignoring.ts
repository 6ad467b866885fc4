import path from "node:path";
import { type IgnoreRule, parseIgnoreFile, parseIgnoreRule } from "../scan/ignore";
import type { FileStore } from "./fileStore";
import type { Projects } from "./projects";
import type { Settings } from "./settings";

/** The file at the root of a repository that says what of its hosts nobody needs to hear of. */
const fileName = ".tidemarkignore";

/** What a host's user ignores, as it is written. */
export interface Ignoring {
  /** Absolute; whether it exists or not. Null where there is no folder to look in. */
  readonly file: string | null;
  /** Null where the file cannot be read. */
  readonly text: string | null;
  /** Of the settings. */
  readonly patterns: readonly string[];
}

/** The ignore file of the repository that the first of a host's files lies in, else of the first folder; and the settings. */
export function ignoringOf(
  { files: store, projects }: { readonly files: FileStore; readonly projects: Projects },
  files: readonly string[],
  settings: Settings,
): Ignoring {
  const [folder] = projects.folders;
  const within = files.find(path.isAbsolute) ?? (folder === undefined ? null : path.join(folder, fileName));
  const file = within === null ? null : path.join(projects.rootOf(within) ?? path.dirname(within), fileName);
  return { file, text: file === null ? null : store.readText(file), patterns: settings.ignore };
}

/** The rules for a host that goes by any of `names`: the patterns of the settings, then the file's. */
export function ignoreRules({ text, patterns }: Ignoring, names: readonly string[]): IgnoreRule[] {
  return [...patterns.flatMap(parseIgnoreRule), ...parseIgnoreFile(text ?? "", names)];
}

export function isSameIgnoring(one: Ignoring, other: Ignoring): boolean {
  return one.file === other.file && one.text === other.text && one.patterns === other.patterns;
}
