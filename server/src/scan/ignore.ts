import { type Glob, matches, parseGlob } from "./glob";

/** The file at the root of a repository that says what of its hosts nobody needs to hear of. */
export const ignoreFileName = ".tidemarkignore";

/** Whether a path or URI names such a file. */
export function isIgnoreFile(name: string): boolean {
  return /(?:^|[\\/])\.tidemarkignore$/.test(name);
}

/** One line of what the user does not want to hear of. */
export interface IgnoreRule {
  /** The path is to be heard of after all. */
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** `root`: from `/` on; `home`: from each home on; `name`: wherever the name occurs. */
  readonly from: "root" | "home" | "name";
  readonly glob: Glob;
  /** The folders before the first wildcard: `var/lib/x`. */
  readonly beginning: string;
}

/** What the user does not want to hear of, with all below it. */
export interface Ignored {
  /** @param home the home that `path` lies in, else null. */
  has(path: string, home: string | null, isFolder: boolean): boolean;
  /** Whether a rule may speak of something below the folder `path`. */
  below(path: string, home: string | null): boolean;
}

/** Begins the part of a file that is about one host or several: `[host juni]`. `[all hosts]` ends it. */
export const hostHeading = /^\[host((?:\s+[^\s\]]+)+)\s*\]$/;
export const everyHost = /^\[all hosts\]$/;

/**
 * Reads a `.tidemarkignore`: one path or pattern in a line, as in `.gitignore`. `/var/lib/x` is the host's path, `~/x` in every home,
 * a name alone (`*.bak`) wherever it occurs; a final `/` means folders only, `!` takes back, `#` begins a comment.
 * @param hosts the names that the host goes by.
 */
export function parseIgnoreFile(text: string, hosts: readonly string[]): IgnoreRule[] {
  const rules: IgnoreRule[] = [];
  let applies = true;
  for (const line of text.split(/\r?\n/)) {
    const heading = hostHeading.exec(line.trim());
    if (heading !== null) applies = (heading[1] ?? "").split(/\s+/).some((name) => hosts.includes(name));
    else if (everyHost.test(line.trim())) applies = true;
    else if (applies && !line.startsWith("#")) rules.push(...parseIgnoreRule(line));
  }
  return rules;
}

/** One pattern; nothing for an empty line. */
export function parseIgnoreRule(line: string): IgnoreRule[] {
  // A space at the end counts only behind a backslash.
  let text = line.replace(/(?<!\\)\s+$/, "").trimStart();
  const negated = text.startsWith("!");
  if (negated) text = text.slice(1);
  const foldersOnly = text.endsWith("/");
  text = text.replace(/\/+$/, "");
  const from = text.startsWith("~/") ? "home" : text.includes("/") ? "root" : "name";
  const pattern = text.replace(/^~?\/+/, "");
  if (pattern === "" || text === "~") return [];
  const wild = pattern.search(/[*?[\\]/);
  const beginning = wild === -1 ? pattern : pattern.slice(0, Math.max(0, pattern.lastIndexOf("/", wild)));
  return [{ negated, foldersOnly, from, glob: parseGlob(pattern), beginning }];
}

export function ignoredBy(rules: readonly IgnoreRule[]): Ignored {
  return {
    has(path, home, isFolder) {
      const last = rules.findLast((rule) => (isFolder || !rule.foldersOnly) && speaksOf(rule, path, home));
      return last !== undefined && !last.negated;
    },
    below: (path, home) => rules.some((rule) => !rule.negated && maySpeakBelow(rule, path, home)),
  };
}

function speaksOf({ from, glob }: IgnoreRule, path: string, home: string | null): boolean {
  if (from === "name") return matches(glob, path.slice(path.lastIndexOf("/") + 1));
  const relative = from === "root" ? path.slice(1) : inHome(path, home);
  return relative !== null && matches(glob, relative);
}

function maySpeakBelow({ from, beginning }: IgnoreRule, path: string, home: string | null): boolean {
  if (from === "name") return true;
  const relative = from === "root" ? path.slice(1) : inHome(path, home);
  if (relative === null) return false;
  return isBelow(beginning, relative) || isBelow(`${relative}/`, beginning) || beginning === relative;
}

/** Whether `path` lies below `folder`, both without a leading slash. */
function isBelow(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

function inHome(path: string, home: string | null): string | null {
  return home !== null && path.startsWith(`${home}/`) ? path.slice(home.length + 1) : null;
}
