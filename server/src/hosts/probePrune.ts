import { isAtOrBelow } from "./mountinfo";

/**
 * Never part of what a person would keep, and not worth walking even where they are no mounts of their own. `/boot` is not
 * among them: a partition of its own is left out as a mount, and on the ephemeral root it may hold the key of a disk.
 */
export const neverWalked: readonly string[] = ["/nix", "/proc", "/sys", "/dev", "/run", "/tmp", "/lost+found"];

/** One argument of a program may hold 128 kB (MAX_ARG_STRLEN); a short pattern is also matched faster. */
const patternLength = 24_000;

/** The highest of `paths`: none lies below another, none twice. Byte strings, absolute; `/` itself is left out. */
export function outermost(paths: Iterable<string>): string[] {
  const kept: string[] = [];
  for (const path of [...new Set(paths)].filter((each) => each !== "/").sort(byComponents)) {
    const last = kept.at(-1);
    if (last === undefined || !isAtOrBelow(path, last)) kept.push(path);
  }
  return kept;
}

/** Orders a folder right before everything below it, also where siblings share its beginning (`/a`, `/a/b`, `/a-b`). */
function byComponents(left: string, right: string): number {
  const a = left.replaceAll("/", "\0");
  const b = right.replaceAll("/", "\0");
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Patterns for `find -regextype posix-extended -regex`, which match exactly the folders in `paths`: few and long, since
 * each test is tried on every folder while one pattern costs the same for any number of alternatives.
 * @param step find begins at the root, at the folders in it and every so many levels below them, each named `./a/b/.`; all names below go
 *   on from there. With infinity it begins at the root alone, with null at `.`.
 */
export function prunePatterns(paths: readonly string[], step: number | null = null): string[] {
  const patterns: string[] = [];
  let alternatives: string[] = [];
  let length = 0;
  const flush = () => {
    if (alternatives.length > 0) patterns.push(`\\.(${alternatives.join("|")})`);
    alternatives = [];
    length = 0;
  };
  for (const path of paths) {
    const escaped = asFound(path, step).replace(/[\\^$*+?.()[\]{}|]/g, "\\$&");
    if (length + escaped.length > patternLength) flush();
    alternatives.push(escaped);
    length += escaped.length + 1;
  }
  flush();
  return patterns;
}

/** For `find -path`, which begins at `.`. */
export function globOf(path: string): string {
  return `.${path.replace(/[\\*?[]/g, "\\$&")}`;
}

/** `/a/b/c` is found as `./a/./b/c`; the dot in front is part of the pattern. */
function asFound(path: string, step: number | null): string {
  if (step === null) return path;
  const names = path.split("/").slice(1);
  const whole = names.length === 1 || step === Number.POSITIVE_INFINITY;
  const begun = whole ? 0 : 1 + Math.floor((names.length - 2) / step) * step;
  return ["", ...names.slice(0, begun), ".", ...names.slice(begun)].join("/");
}

/** The same paths as a tree of names, to know while reading records whether a path is one of them. */
export interface PruneNode {
  readonly names: Map<string, PruneNode>;
  end: boolean;
}

export function pruneTree(paths: readonly string[]): PruneNode {
  const root: PruneNode = { names: new Map(), end: false };
  for (const path of paths) {
    let node = root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      const next: PruneNode = node.names.get(name) ?? { names: new Map(), end: false };
      node.names.set(name, next);
      node = next;
    }
    node.end = true;
  }
  return root;
}
