import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export const repository = path.resolve(__dirname, "../../..");
/** The command line's bundle. `TIDEMARK_CLI` names another one. */
export const cli = process.env["TIDEMARK_CLI"] ?? path.join(repository, "dist/cli.js");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What Tidemark remembers between runs goes here instead of the home of whoever runs the tests. */
const state = mkdtempSync(path.join(os.tmpdir(), "tidemark-state-"));
process.once("exit", () => rmSync(state, { recursive: true, force: true }));

/** Runs `tidemark` with nobody to answer questions: standard input is closed and there is no terminal. */
export function tidemark(...args: readonly string[]): CliResult {
  return tidemarkIn(process.cwd(), ...args);
}

/** The same with `folder` as the current one, whose configuration counts. */
export function tidemarkIn(folder: string, ...args: readonly string[]): CliResult {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [cli, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    cwd: folder,
    timeout: 60_000,
    env: { ...process.env, XDG_STATE_HOME: state },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}
