import { spawn } from "node:child_process";
import type { Invocation } from "./arguments";
import { findProgram, minimalEnvironment } from "./environment";

export interface RunOptions {
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
  readonly onErrorLine: (line: string) => void;
}

export type RunResult =
  | { readonly kind: "missing" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "timeout" }
  | { readonly kind: "too-large" }
  | { readonly kind: "ended"; readonly code: number | null; readonly stdout: string };

/** An answer is some hundred kilobytes; more than this is none of ours. */
const maximumBytes = 64 << 20;
/** Characters of one line of standard error; Nix reports an error with all its frames in one. */
const maximumLine = 8 << 20;
/** How long a program may take to end in order before it is killed. Milliseconds. */
const grace = 2000;

/**
 * Runs a program without a shell, its standard input empty, in a process group of its own that ends as a whole: when cancelled, after
 * the timeout, and when it writes too much. Never rejects. The result comes when the program has ended.
 */
export function run({ args, folder }: Invocation, options: RunOptions): Promise<RunResult> {
  const { signal, environment } = options;
  const program = findProgram(options.program, environment);
  if (program === null) return Promise.resolve({ kind: "missing" });
  if (signal.aborted) return Promise.resolve({ kind: "cancelled" });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: minimalEnvironment(environment),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let stopped: "cancelled" | "timeout" | "too-large" | null = null;
    let killing: NodeJS.Timeout | undefined;
    const stop = (why: typeof stopped) => {
      if (stopped !== null) return;
      stopped = why;
      endGroup(child.pid, "SIGTERM");
      killing = setTimeout(() => endGroup(child.pid, "SIGKILL"), grace);
    };
    const cancel = () => stop("cancelled");
    signal.addEventListener("abort", cancel, { once: true });
    const timer = setTimeout(() => stop("timeout"), options.timeout);
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maximumBytes) stop("too-large");
      else chunks.push(chunk);
    });
    const lines = lineSplitter(options.onErrorLine);
    child.stderr.setEncoding("utf8").on("data", lines.take);
    const end = (result: RunResult) => {
      clearTimeout(timer);
      clearTimeout(killing);
      signal.removeEventListener("abort", cancel);
      resolve(stopped === null ? result : { kind: stopped });
    };
    child.once("error", () => end({ kind: "missing" }));
    child.once("close", (code) => {
      lines.end();
      // Programs that Nix started and that left its pipes alone are of its group still.
      if (stopped !== null) endGroup(child.pid, "SIGKILL");
      end({ kind: "ended", code, stdout: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Cuts text into lines; of a line that is too long, what is beyond is dropped. */
function lineSplitter(take: (line: string) => void): { take: (text: string) => void; end: () => void } {
  let parts: string[] = [];
  let length = 0;
  const add = (text: string) => {
    if (length < maximumLine && text !== "") parts.push(text.slice(0, maximumLine - length));
    length += text.length;
  };
  const flush = () => {
    if (length > 0) take(parts.join(""));
    parts = [];
    length = 0;
  };
  return {
    take(text) {
      const [first = "", ...rest] = text.split("\n");
      add(first);
      for (const line of rest) {
        flush();
        add(line);
      }
    },
    end: flush,
  };
}
