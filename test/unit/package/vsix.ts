import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { readZip } from "./zip";

export const root = path.resolve(__dirname, "../../..");
const file = path.join(root, "tidemark.vsix");

/** What the package is made from. */
const INPUTS = [
  "client",
  "server",
  "syntaxes",
  "package.json",
  "package-lock.json",
  "esbuild.mjs",
  ".vscodeignore",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

function newest(input: string): number {
  const full = path.join(root, input);
  if (!existsSync(full)) return 0;
  const stats = statSync(full);
  if (!stats.isDirectory()) return stats.mtimeMs;
  // A folder's own time changes when a file in it is added, removed or renamed.
  return Math.max(stats.mtimeMs, ...readdirSync(full).map((name) => newest(path.join(input, name))));
}

/** The extension as it is shipped: built anew unless the package is newer than everything it is made from. */
export function packaged(): { size: number; files: Map<string, Buffer> } {
  if (!existsSync(file) || statSync(file).mtimeMs < Math.max(...INPUTS.map(newest))) {
    const { status, stdout, stderr } = spawnSync("npm", ["run", "package"], { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`npm run package failed:\n${stdout}\n${stderr}`);
  }
  const archive = readFileSync(file);
  return { size: archive.length, files: readZip(archive) };
}
