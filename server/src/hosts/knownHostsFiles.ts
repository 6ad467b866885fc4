import { appendFile, mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import { knownHostsUnreadable } from "./failuresHostKey";
import { type KnownHost, parseKnownHosts } from "./knownHosts";

/**
 * The entries of several known_hosts files, in order. A missing file is empty; one that exists and cannot be read throws
 * HostError, because it might hold the line that forbids the key.
 */
export async function readKnownHosts(files: readonly string[], host: string): Promise<readonly KnownHost[]> {
  const entries: KnownHost[] = [];
  for (const file of files) {
    try {
      entries.push(...parseKnownHosts(await readFile(file, "utf8"), file));
    } catch (error) {
      if (!isMissing(error)) throw knownHostsUnreadable(host, file, error);
    }
  }
  return entries;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** Our own file: the user's known_hosts are read and never written. */
export function ownKnownHosts(stateFolder: string): string {
  return path.join(stateFolder, "known_hosts");
}

/** Whether `name` can be written as a host field and read back as just that name. */
export function canRecord(name: string): boolean {
  return name !== "" && !/[\s,*?!]/u.test(name) && !/^[@#|]/u.test(name);
}

/** Appends a key to our own file; the folder is made 0700 and the file 0600 when first needed. */
export async function recordHostKey(stateFolder: string, name: string, type: string, key: Uint8Array): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const file = ownKnownHosts(stateFolder);
  const line = `${name} ${type} ${Buffer.from(key).toString("base64")}\n`;
  await appendFile(file, (await endsMidLine(file)) ? `\n${line}` : line, { mode: 0o600 });
}

async function endsMidLine(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      if (size === 0) return false;
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
      return buffer[0] !== 0x0a;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
