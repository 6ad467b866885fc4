import { spawnSync } from "node:child_process";
import path from "node:path";

/** One path that the persistence of a file names, as real Nix evaluates it. */
export interface EvaluatedEntry {
  readonly storage: string;
  /** Null for the system's own. */
  readonly user: string | null;
  readonly list: "directories" | "files";
  /** Absolute; paths of users lie in `/home/<user>`. */
  readonly path: string;
  /** Options of an entry written as a set, other than its path. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Whether Nix accepts the file's syntax; the error when it does not, null when it does. */
export function syntaxError(file: string): string | null {
  const { status, stderr, error } = spawnSync("nix-instantiate", ["--parse", file], { encoding: "utf8" });
  if (error) throw error;
  return status === 0 ? null : stderr;
}

/** Evaluates a NixOS or Home Manager module and returns the paths it persists, sorted. Throws with Nix's message when it does not evaluate. */
export function persistedBy(file: string): EvaluatedEntry[] {
  const args = ["--eval", "--strict", "--json", path.join(__dirname, "persisted.nix"), "--arg", "file", file];
  const { status, stdout, stderr, error } = spawnSync("nix-instantiate", args, { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${file} does not evaluate:\n${stderr}`);
  return (JSON.parse(stdout) as EvaluatedEntry[]).sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** What `after` has that `before` has not; an entry twice in one list counts twice. */
export function added(before: readonly EvaluatedEntry[], after: readonly EvaluatedEntry[]): EvaluatedEntry[] {
  const left = before.map(sortKey);
  return after.filter((entry) => {
    const at = left.indexOf(sortKey(entry));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function sortKey({ storage, user, list, path: at, options }: EvaluatedEntry): string {
  return JSON.stringify([storage, user, list, at, options]);
}
