import { createHash, type Hash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { parseJson, record, records, string } from "./json";
import { run } from "./run";

/** Beyond these an answer is not kept: working out whether it still holds would take as long as asking again. */
const maximumFiles = 5000;
const maximumBytes = 50_000_000;
/** Milliseconds for git. */
const gitTimeout = 20_000;

export interface FingerprintOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * A hash of all that an evaluation of a flake can read: in a git repository the tracked files as they are on disk, elsewhere every
 * file of the folder; the lock file names the rest by its contents. Null where that is not so (no lock file, inputs by absolute
 * path) or is too much.
 */
export async function fingerprint(folder: string, options: FingerprintOptions): Promise<string | null> {
  const lock = await readFile(path.join(folder, "flake.lock"), "utf8").catch(() => null);
  if (lock === null || !locksEverything(lock)) return null;
  const hash = createHash("sha256").update(`${folder}\0${lock}\0`);
  const top = await git(folder, ["rev-parse", "--show-toplevel"], options);
  const complete = top === null ? await addFolder(hash, folder) : await addRepository(hash, top.trimEnd(), options);
  return complete ? hash.digest("hex") : null;
}

/** Inputs are locked by hash, but a folder outside the flake may change under its lock. */
function locksEverything(lock: string): boolean {
  const nodes = Object.values(record(record(parseJson(lock))["nodes"]));
  return records(nodes).every((node) => {
    const locked = record(node["locked"]);
    return locked["type"] !== "path" || !(string(locked["path"]) ?? "/").startsWith("/");
  });
}

/** git knows the contents of all tracked files by hash; only those that differ from its index are read. */
async function addRepository(hash: Hash, top: string, options: FingerprintOptions): Promise<boolean> {
  const tracked = await git(top, ["ls-files", "--stage", "-z"], options);
  const status = await git(top, ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames"], options);
  if (tracked === null || status === null) return false;
  hash.update(tracked);
  const dirty = status.split("\0").filter((line) => line.length > 3);
  return addFiles(
    hash,
    dirty.map((line) => path.join(top, line.slice(3))),
  );
}

/** Runs git so that it takes no lock and no program of the repository's own settings watches files. Null where it fails. */
async function git(folder: string, args: readonly string[], options: FingerprintOptions): Promise<string | null> {
  const invocation = { args: ["--no-optional-locks", "-c", "core.fsmonitor=false", ...args], folder };
  const result = await run(invocation, {
    ...options,
    program: "git",
    timeout: gitTimeout,
    onErrorLine: () => undefined,
  });
  return result.kind === "ended" && result.code === 0 ? result.stdout : null;
}

async function addFolder(hash: Hash, folder: string): Promise<boolean> {
  const pending = [folder];
  const files: string[] = [];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    if (files.length + pending.length + entries.length > maximumFiles) return false;
    for (const entry of entries) (entry.isDirectory() ? pending : files).push(path.join(at, entry.name));
  }
  return addFiles(hash, files.sort());
}

/** False where that is too much to read. A file that cannot be read counts as such. */
async function addFiles(hash: Hash, files: readonly string[]): Promise<boolean> {
  if (files.length > maximumFiles) return false;
  let bytes = 0;
  for (const file of files) {
    const stat = await lstat(file).catch(() => null);
    bytes += stat?.size ?? 0;
    if (bytes > maximumBytes) return false;
    const read = stat?.isSymbolicLink() ? readlink(file) : stat?.isFile() ? readFile(file) : Promise.resolve("");
    const contents = await read.catch(() => "");
    hash.update(`${file}\0${stat?.mode ?? "missing"}\0${contents.length}\0`).update(contents);
  }
  return true;
}
