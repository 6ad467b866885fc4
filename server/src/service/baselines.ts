import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Baseline, BaselineError, decodeBaseline, encodeBaseline } from "../hosts/baseline";
import type { HostScan } from "../hosts/model";

/** A packed baseline of thirty million paths is smaller. */
const mostBytes = 1 << 30;

/**
 * Keeps a scan in the state folder, to compare later ones with; it takes the place of the one before of that host. Readable for the user
 * alone. `now` in seconds since the epoch. Rejects where it cannot be written.
 */
export async function keepBaseline(stateFolder: string, scan: HostScan, now: number): Promise<void> {
  const file = fileOf(stateFolder, scan.host);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await saveBaseline(file, scan, now);
}

/** The same in a file of the user's choice; what was there is replaced when all is written. */
export async function saveBaseline(file: string, scan: HostScan, now: number): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await writeFile(temporary, await encodeBaseline(scan, now), { mode: 0o600, flag: "wx" });
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** The scan kept for a host; null where there is none. Rejects with BaselineError where it is damaged or another host's. */
export async function keptBaseline(stateFolder: string, host: string): Promise<Baseline | null> {
  const baseline = await readBaseline(fileOf(stateFolder, host));
  if (baseline !== null && baseline.scan.host !== host) throw new BaselineError("it is another host's");
  return baseline;
}

/** The scan that a file holds; null where there is no such file. Rejects with BaselineError where it is damaged. */
export async function readBaseline(file: string): Promise<Baseline | null> {
  const known = await stat(file).catch(() => null);
  if (known === null) return null;
  if (!known.isFile() || known.size > mostBytes) throw new BaselineError("it is too large, or no file");
  return decodeBaseline(await readFile(file));
}

/** Hosts are named by what is typed, so a name may hold anything. */
function fileOf(stateFolder: string, host: string): string {
  return path.join(stateFolder, "baselines", `${createHash("sha256").update(host).digest("hex")}.gz`);
}
