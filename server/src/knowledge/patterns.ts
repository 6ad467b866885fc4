import type { Persist, Role } from "./catalog";
import { compilePattern } from "./matcher";
import data from "./patterns.json";

/** What is known of a kind of place, e.g. `/var/cache/<svc>`, whatever the program. */
export interface PathPattern {
  readonly id: string;
  readonly title: string;
  /** `home`: the pattern is relative to a home directory. */
  readonly scope: "system" | "home";
  readonly pattern: string;
  readonly role: Role;
  readonly persist: Persist;
  readonly advice: string;
  readonly exceptions: readonly string[];
  readonly sources: readonly string[];
}

/** In each scope from the most specific to the most general. */
export const patterns = data as readonly PathPattern[];

const compiled = patterns.map((pattern) => ({ pattern, test: compilePattern(pattern.pattern) }));

/** The most specific pattern for `path`: absolute in scope `system`, relative to the home in scope `home`. */
export function matchPattern(scope: PathPattern["scope"], path: string): PathPattern | null {
  return compiled.find((entry) => entry.pattern.scope === scope && entry.test.test(path))?.pattern ?? null;
}
