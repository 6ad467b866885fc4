import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { matchesPattern } from "./sshConfigPattern";
import { homeFolder } from "./sshConfigTokens";

/** As in ssh itself. */
export const maxIncludeDepth = 16;

/** The configuration ssh reads when none is named: the user's, then the system's. */
export function defaultConfigFiles(): readonly string[] {
  return [path.join(homeFolder(), ".ssh", "config"), "/etc/ssh/ssh_config"];
}

/** One directive of an ssh configuration file. */
export interface ConfigLine {
  /** Lower case. */
  readonly keyword: string;
  /** Its arguments, quotes removed. */
  readonly words: readonly string[];
}

/** Null for blank lines and comments. */
export function parseLine(text: string): ConfigLine | null {
  const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+|$)(.*)$/.exec(text);
  if (match?.[1] === undefined) return null;
  const words = [...(match[2] ?? "").matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const comment = words.findIndex((word) => word.startsWith("#"));
  return { keyword: match[1].toLowerCase(), words: comment < 0 ? words : words.slice(0, comment) };
}

/** Lines of a file; none where it is missing, unless it is `required`. Throws what reading throws. */
export async function readLines(file: string, required: boolean): Promise<readonly string[]> {
  try {
    return (await readFile(file, "utf8")).split(/\r?\n/);
  } catch (error) {
    if (!required && error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Files named by the arguments of an Include, wildcards resolved, relative ones below `~/.ssh`. */
export async function includedFiles(words: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const word of words) {
    const named = word.startsWith("~") ? homeFolder() + word.slice(1) : word;
    files.push(...(await expandWildcards(path.resolve(homeFolder(), ".ssh", named))));
  }
  return files;
}

async function expandWildcards(pattern: string): Promise<readonly string[]> {
  const { root } = path.parse(pattern);
  let found: readonly string[] = [root];
  for (const part of pattern.slice(root.length).split(path.sep)) {
    if (!/[*?]/.test(part)) {
      found = found.map((folder) => path.join(folder, part));
      continue;
    }
    const next: string[] = [];
    for (const folder of found) {
      const names = await readdir(folder).catch(() => []);
      const visible = names.filter(
        (name) => matchesPattern(name, part) && (!name.startsWith(".") || part.startsWith(".")),
      );
      next.push(...visible.sort().map((name) => path.join(folder, name)));
    }
    found = next;
  }
  return found;
}
