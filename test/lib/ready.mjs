// Makes a fresh clone ready: installs what package-lock.json lists, builds dist/. Plain Node, for scripts that run before anything is installed.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const changed = (file) => statSync(path.join(repository, file), { throwIfNoEntry: false })?.mtimeMs ?? null;

/** Whether node_modules holds what package-lock.json lists, judged by npm's own stamp in it. */
function installed() {
  const stamp = changed("node_modules/.package-lock.json");
  return stamp !== null && stamp >= (changed("package-lock.json") ?? 0);
}

/**
 * Runs npm in the repository, quietly; `say` hears the command first.
 * Throws when it fails, with all that npm wrote as the message.
 */
function npm(words, say) {
  say(`npm ${words.join(" ")}`);
  const own = process.env["npm_execpath"];
  // Started by npm: use that very npm. The path may also be another tool's, so it must be npm's.
  const [program, first] = own && /npm-cli\.[cm]?js$/.test(own) ? [process.execPath, [own]] : ["npm", []];
  const { status, signal, error, stdout, stderr } = spawnSync(program, [...first, ...words], {
    cwd: repository,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`npm could not be started: ${error.message}`);
  if (status !== 0)
    throw new Error(`npm ${words.join(" ")} ended with ${signal ?? status}\n${stdout}${stderr}`.trimEnd());
}

/** Installs if needed. */
export function install(say) {
  if (!installed()) npm(["ci", "--no-audit", "--no-fund"], say);
}

/** Installs if needed, then builds. */
export function makeReady(say) {
  install(say);
  npm(["run", "build"], say);
}
