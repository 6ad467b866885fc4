import data from "./atomic-rewrite.json";
import { compilePattern } from "./matcher";

/**
 * A file that its program replaces by renaming a new one over it. On a bind-mounted file that fails (EBUSY), and a symbolic link
 * is silently replaced by an ordinary file on the ephemeral root. So such a file must not be persisted alone.
 */
export interface AtomicRewrite {
  /** As in the data: absolute, or `~/…` for paths in homes. */
  readonly path: string;
  readonly program: string;
  /** `verified`: seen in the program's source. `reported`: people met it. */
  readonly certainty: "verified" | "reported";
  /** What to do, as a sentence. */
  readonly instead: string;
  /** The folder to persist in its place (`~/…` in homes), null where there is none that fits. */
  readonly persist: string | null;
  readonly sources: readonly string[];
}

export const atomicRewrites = data as readonly AtomicRewrite[];

const compiled = atomicRewrites.map((entry) => ({ entry, test: compilePattern(entry.path) }));

/**
 * Whether the file `path` is known to be replaced by rename.
 * @param path absolute and normalised.
 * @param home the home directory the path may lie in, or null outside of homes.
 */
export function atomicRewrite(path: string, home: string | null): AtomicRewrite | null {
  const inHome = home !== null && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : null;
  return compiled.find(({ test }) => test.test(path) || (inHome !== null && test.test(inHome)))?.entry ?? null;
}

/** What happens to such a file and what to do, as sentences. Code in it is in backticks. */
export function rewriteText(rewrite: AtomicRewrite): string {
  const does = rewrite.certainty === "verified" ? "replaces" : "is reported to replace";
  return `${rewrite.program} ${does} this file by renaming a new one over it, which breaks a file persisted alone. ${rewrite.instead}`;
}
