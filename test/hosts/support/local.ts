import { spawn } from "node:child_process";
import { type HostConnection, HostError } from "../../../server/src/hosts/port";
import { writeStdin } from "../../../server/src/hosts/stdin";

export interface LocalOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The program and first arguments that run as the login shell with `-c COMMAND`; `/bin/sh` where left out. */
  readonly shell?: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  /** What a cancel reaches: every process of the session, or as over SSH only its first. */
  readonly ends?: "all" | "first";
  /** Sees each chunk before the probe does; returning null ends the process as a dropped link would. */
  readonly tamper?: (chunk: Buffer) => Buffer | null;
  /** Only so many bytes arrive, of all commands together; the process that goes beyond is ended, as a host does that is out of memory. */
  readonly limit?: number;
}

/** A connection to this machine: the login shell is a child process in a process group of its own. */
export function localConnection(options: LocalOptions = {}): HostConnection {
  let alive = true;
  let passed = 0;
  return {
    description: "here (local)",
    get alive() {
      return alive;
    },
    close() {
      alive = false;
    },
    exec(command, { stdin, onStdout, signal }) {
      return new Promise((resolve, reject) => {
        const cancelled = () => new HostError("cancelled", "Stopped.", "Run it again when you want to.");
        if (signal.aborted) return reject(cancelled());
        const [program = "/bin/sh", ...words] = options.shell ?? ["/bin/sh"];
        const child = spawn(program, [...words, "-c", command], {
          env: { ...(options.env ?? { PATH: process.env["PATH"] ?? "" }) },
          detached: true,
          ...(options.uid === undefined ? {} : { uid: options.uid }),
          ...(options.gid === undefined ? {} : { gid: options.gid }),
        });
        const stop = () => {
          child.stdout.destroy();
          if (child.pid !== undefined) end(child.pid, options.ends ?? "all");
        };
        signal.addEventListener("abort", stop, { once: true });
        let stderr = "";
        let queue = Promise.resolve();
        child.stdin.on("error", () => {});
        writeStdin(child.stdin, stdin);
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          stderr = (stderr + text).slice(-4096);
        });
        child.stdout.on("data", (raw: Buffer) => {
          const chunk = options.tamper === undefined ? raw : options.tamper(raw);
          if (chunk === null) {
            alive = false;
            return stop();
          }
          const kept = chunk.subarray(0, Math.max(0, (options.limit ?? Number.POSITIVE_INFINITY) - passed));
          passed += chunk.length;
          if (kept.length < chunk.length && child.pid !== undefined) end(child.pid, "all");
          const held = onStdout(kept);
          if (held === undefined) return;
          child.stdout.pause();
          queue = queue.then(async () => {
            await held;
            child.stdout.resume();
          });
        });
        child.on("error", reject);
        child.on("close", (code, ended) => {
          signal.removeEventListener("abort", stop);
          if (signal.aborted) reject(cancelled());
          else queue.then(() => resolve({ code, signal: ended?.replace(/^SIG/, "") ?? null, stderr }), reject);
        });
      });
    },
  };
}

function end(pid: number, which: "all" | "first"): void {
  try {
    process.kill(which === "all" ? -pid : pid, "SIGTERM");
  } catch {
    // The group has ended by itself.
  }
}
