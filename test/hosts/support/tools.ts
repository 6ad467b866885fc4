import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

/** Every tool the probe asks for where it has the GNU ones. */
export const probeTools = [
  "cat",
  "cut",
  "find",
  "head",
  "id",
  "nice",
  "sh",
  "sha256sum",
  "sort",
  "stat",
  "tr",
  "true",
  "uniq",
  "xargs",
];

/** A folder with links to every tool the probe needs but those named, and to `more`. Use it as PATH. */
export function toolsWithout(folder: string, missing: readonly string[], more: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true });
  const tools = [...probeTools, ...more];
  for (const tool of tools.filter((each) => !missing.includes(each))) {
    const at = ["/usr/bin", "/bin", "/run/current-system/sw/bin"].map((each) => path.join(each, tool)).find(existsSync);
    if (at !== undefined) symlinkSync(at, path.join(folder, tool));
  }
  return folder;
}
