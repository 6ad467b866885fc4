import { execFile, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { endGroup } from "./childRun";
import { idleSeconds } from "./connections";
import { cancelled } from "./failures";
import { noSshProgram } from "./openSshFailures";

/** Starting `ssh` as the keeper of one connection that commands share, and asking such a keeper. */

const checkMs = 5000;

export interface LoginAttempt {
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** For messages. */
  readonly host: string;
  readonly signal: AbortSignal;
  /** Settles first when the attempt has to end for another reason. */
  readonly failed: Promise<never>;
  readonly onStderr: (chunk: Buffer) => void;
}

/** An ssh that has done what it was started for. */
export interface Started {
  readonly code: number | null;
  /** Goes on as long as a keeper in the background lives. */
  readonly stderr: Readable;
}

/** Arguments that make ssh log in, open `socket` for commands, and go into the background. */
export function keeperWords(socket: string): readonly string[] {
  return ["-N", "-o", "ControlMaster=yes", "-o", `ControlPath=${socket}`, "-o", `ControlPersist=${idleSeconds}`];
}

/**
 * Runs ssh until it ends or has gone into the background. When the attempt fails or is cancelled its process group is ended: ssh, and
 * what it started to reach the host or to ask.
 */
export async function runLogin(attempt: LoginAttempt): Promise<Started> {
  const { host, signal } = attempt;
  if (signal.aborted) throw cancelled(host);
  const child = spawn("ssh", [...attempt.words], {
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: attempt.environment,
  });
  child.stderr.on("data", attempt.onStderr);
  const ended = new Promise<Started>((resolve, reject) => {
    child.once("error", (error) => reject(noSshProgram(host, error.message)));
    // A keeper in the background holds the stream open; else what ssh wrote last may still be on its way.
    child.once("exit", (code) => {
      if (code === 0) resolve({ code, stderr: child.stderr });
    });
    child.once("close", (code) => resolve({ code, stderr: child.stderr }));
  });
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled(host));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([ended, aborted, attempt.failed]);
  } catch (error) {
    ended.catch(() => undefined);
    child.stderr.destroy();
    endGroup(child);
    throw error;
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}

/** Process id of the keeper at `socket`; null where nobody answers. */
export function keeperAt(socket: string): Promise<number | null> {
  return new Promise((resolve) => {
    const words = [...sharingWords(socket), "-O", "check", "--", placeholder];
    const child = execFile("ssh", words, { timeout: checkMs }, (error, stdout, stderr) => {
      const pid = /\(pid=(\d+)\)/.exec(stdout + stderr)?.[1];
      resolve(error === null && pid !== undefined ? Number(pid) : null);
    });
    child.stdin?.on("error", () => undefined).end();
  });
}

/** Stands for the host where the connection is there already; no such name can exist (RFC 2606). */
export const placeholder = "shared.invalid";

/** Arguments that use the connection at `socket` and never make one, whatever any configuration says. */
export function sharingWords(socket: string): readonly string[] {
  const options = ["ControlMaster=no", "ProxyCommand=false", "BatchMode=yes", "EscapeChar=none"];
  return ["-F", "/dev/null", "-T", "-S", socket, ...options.flatMap((option) => ["-o", option])];
}
