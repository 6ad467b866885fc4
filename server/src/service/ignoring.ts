import path from "node:path";
import { type IgnoreRule, ignoreFileName, parseIgnoreFile, parseIgnoreRule } from "../scan/ignore";
import type { TextEdit } from "../syntax/span";
import type { Projects } from "./projects";
import type { Settings } from "./settings";

/** What a host's user ignores, as it is written. */
export interface Ignoring {
  /** Absolute; whether it exists or not. Null where there is no folder to look in. */
  readonly file: string | null;
  /** Null where the file cannot be read. */
  readonly text: string | null;
  /** Of the settings. */
  readonly patterns: readonly string[];
}

/** An edit of an ignore file. */
export interface IgnoreEdit {
  readonly file: string;
  /** The whole text before; null where the file has to be made. */
  readonly text: string | null;
  readonly edit: TextEdit;
}

/** The ignore file of the repository that the first of a host's files lies in, else of the first folder; and the settings. */
export function ignoringOf(
  projects: Projects,
  readText: (name: string) => string | null,
  files: readonly string[],
  settings: Settings,
): Ignoring {
  const [folder] = projects.folders;
  const within = files.find(path.isAbsolute) ?? (folder === undefined ? null : path.join(folder, ignoreFileName));
  const file = within === null ? null : path.join(projects.rootOf(within) ?? path.dirname(within), ignoreFileName);
  return { file, text: file === null ? null : readText(file), patterns: settings.ignore };
}

/** The rules for a host that goes by any of `names`: the patterns of the settings, then the file's. */
export function ignoreRules({ text, patterns }: Ignoring, names: readonly string[]): IgnoreRule[] {
  return [...patterns.flatMap(parseIgnoreRule), ...parseIgnoreFile(text ?? "", names)];
}

export function isSameIgnoring(one: Ignoring, other: Ignoring): boolean {
  return one.file === other.file && one.text === other.text && one.patterns === other.patterns;
}
