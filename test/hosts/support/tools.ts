import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./root";

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

export const busybox = ["/bin/busybox", "/usr/bin/busybox"].find(existsSync);

/** A PATH with BusyBox's commands only. */
export function busyboxPath(context: TestContext): string {
  const folder = temporaryFolder(context);
  const more = ["awk", "cmp", "date", "ls", "readlink", "sed", "tail", "timeout"];
  for (const tool of [...probeTools, ...more]) symlinkSync(busybox ?? "", path.join(folder, tool));
  return folder;
}

/** A PATH on which `stat` and `sort -z` are missing, so that only what POSIX has is asked of the others. */
export function posixPath(context: TestContext, more: readonly string[] = []): string {
  return toolsWithout(
    temporaryFolder(context),
    ["stat", "sort", "xargs", "sha256sum"],
    ["cmp", "date", "df", "ls", "tail", ...more],
  );
}
