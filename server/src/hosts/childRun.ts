import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { cancelled } from "./failures";
import type { ExecOptions, ExecResult, HostError } from "./port";
import { writeStdin } from "./stdin";

/** A program on this machine in the place of a command on a host. */

export interface ChildCommand {
  readonly program: string;
  /** Handed over as they are; no shell reads them. */
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const stderrTail = 4096;
/** How long a process may take to end by itself after it was asked to, in milliseconds. */
const graceMs = 2000;

/**
 * Runs a program in a process group of its own; see HostConnection.exec for what goes in and comes out. `untilLost` rejects when
 * the connection it belongs to is gone. Rejects with Error where the program cannot be started.
 */
export async function runChild(
  command: ChildCommand,
  host: string,
  options: ExecOptions,
  untilLost: Promise<never>,
): Promise<ExecResult> {
  const { signal } = options;
  if (signal.aborted) throw cancelled(host);
  const child = spawn(command.program, [...command.words], {
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: command.environment,
  });
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled(host));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([transfer(child, options), aborted, untilLost]);
  } catch (error) {
    // Whatever went wrong, nothing of it may go on; what it still writes is not wanted.
    child.stdout.destroy();
    child.stderr.destroy();
    endGroup(child);
    throw error;
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}

/** Pumps the three streams until all are closed. Rejects with what `onStdout` throws. */
async function transfer(child: Child, { stdin, onStdout }: ExecOptions): Promise<ExecResult> {
  let errors = Buffer.alloc(0);
  child.stderr.on("data", (chunk: Buffer) => {
    errors = Buffer.concat([errors, chunk]).subarray(-stderrTail);
  });
  const ended = new Promise<Pick<ExecResult, "code" | "signal">>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, name) => resolve({ code, signal: name?.replace(/^SIG/, "") ?? null }));
  });
  ended.catch(() => undefined);
  // A command that does not read its input just ends.
  child.stdin.on("error", () => undefined);
  writeStdin(child.stdin, stdin);
  const chunks: AsyncIterable<Buffer> = child.stdout;
  for await (const chunk of chunks) {
    const taken = onStdout(chunk);
    if (taken !== undefined) await taken;
  }
  return { ...(await ended), stderr: errors.toString("utf8") };
}

/** The part of a child process that ending it takes. */
interface Endable {
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  kill(signal: NodeJS.Signals): boolean;
  once(event: "exit", listener: () => void): unknown;
}

/** Ends a child that leads a process group, and the group with it: politely, then surely. */
export function endGroup(child: Endable): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  send(child, "SIGTERM");
  const timer = setTimeout(() => send(child, "SIGKILL"), graceMs);
  child.once("exit", () => clearTimeout(timer));
}

function send(child: Endable, signal: NodeJS.Signals): void {
  try {
    if (child.pid === undefined || process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group has ended by itself, or what is left of it belongs to root and ends with its streams.
  }
}

/** Connects running commands with the end of what they run on. */
export class Running {
  private readonly rejects = new Set<(error: HostError) => void>();

  /** Runs `work` with a promise that rejects when `endAll` is called. */
  async during<T>(work: (untilLost: Promise<never>) => Promise<T>): Promise<T> {
    let forget: (() => void) | undefined;
    const untilLost = new Promise<never>((_, reject) => {
      this.rejects.add(reject);
      forget = () => this.rejects.delete(reject);
    });
    untilLost.catch(() => undefined);
    try {
      return await work(untilLost);
    } finally {
      forget?.();
    }
  }

  endAll(error: HostError): void {
    for (const reject of this.rejects) reject(error);
    this.rejects.clear();
  }
}
