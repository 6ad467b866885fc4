import { type ChildProcess, spawn } from "node:child_process";

export interface Contained {
  readonly process: ChildProcess;
  /** What it wrote so far, standard output and error. */
  output(): string;
  /** Ends every process in it and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Runs a command as the first process of a process namespace of its own, with `folder` to throw away. It is to end when its
 * standard input is closed; the kernel then ends all that it started. So nothing is left behind when this process ends,
 * however it ends. Needs root.
 *
 * @param namespaces further options for `unshare`
 */
export function startContained(
  folder: string,
  namespaces: readonly string[],
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): Contained {
  const unshare = ["--pid", "--fork", "--kill-child", ...namespaces, "--", ...command];
  const child = spawn("sh", ["-c", 'unshare "$@"; rm -rf -- "$0"', folder, ...unshare], {
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own, so that an interrupt from the keyboard does not end the shell before it has cleaned up.
    detached: true,
    env: environment,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  // Already gone when it could not start; that is told by its output.
  child.stdin.on("error", () => {});
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    process: child,
    output: () => output,
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}
