import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { DemoFleet } from "../../support/demoFleet";

const cli = path.join(__dirname, "..", "..", "..", "dist", "cli.js");

/** Runs the command beside the demo hosts, which live in this process. */
export async function tidemarkBeside(fleet: DemoFleet, ...args: readonly string[]) {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: fleet.folder,
    env: { ...process.env, ...fleet.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [status] = await once(child, "close");
  return { status, stdout, stderr };
}
