import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { Running, runChild } from "./childRun";
import { dropped } from "./failures";
import type { HostKeyBook } from "./hostKeyPolicy";
import { destinationWords } from "./openSshConfig";
import { connectFailure, execFailure, noSshProgram } from "./openSshFailures";
import { SshLog } from "./openSshLog";
import { keeperAt, placeholder, sharingWords } from "./openSshMaster";
import type { Runtime } from "./openSshRuntime";
import type { ExecOptions, ExecResult, HostConnection, Log } from "./port";
import type { HostSettings } from "./sshConfig";

/** HostConnections over a logged-in ssh: each command is one more `ssh` process. */

/** What every connection has. */
export interface Link {
  /** For people. */
  readonly host: string;
  readonly log: Log;
  /** Frees what belongs to the connection. */
  readonly dispose: () => void;
}

export interface SharedLink extends Link {
  readonly socket: string;
  /** The ssh in the background that is ours; null for one that the user has open, which outlives us. */
  readonly keeper: { readonly pid: number; readonly stderr: Readable; readonly log: SshLog } | null;
}

/** What ssh itself ends with when it had trouble; a command may end with the same. */
const sshTrouble = 255;
const byUs = "it was closed here";
const ignore = () => undefined;

/** Commands share the connection at `socket`. */
export function sharedConnection(link: SharedLink): HostConnection {
  const { host, log, keeper, socket } = link;
  const running = new Running();
  let alive = true;
  let cause: string | undefined;
  const end = (why: string | undefined) => {
    if (!alive) return;
    alive = false;
    cause = why;
    process.off("exit", close);
    running.endAll(dropped(host, why));
    link.dispose();
  };
  const close = () => {
    if (!alive) return;
    log(`${host}: connection closed`);
    // Alive means that its end was not seen, so the number is still its own.
    if (keeper !== null) kill(keeper.pid);
    end(byUs);
  };
  // Ends however we end; after that the keeper would go by itself when it is idle.
  process.once("exit", close);
  keeper?.stderr.once("close", () => {
    if (alive) log(`${host}: connection lost (${keeper.log.messages.at(-1) ?? "ssh ended"})`);
    end(keeper.log.messages.filter((line) => !/^(?:Transferred|Bytes per second|OpenSSH_)/.test(line)).at(-1));
  });
  const words = [...sharingWords(socket), "--", placeholder];
  return {
    description: host,
    get alive() {
      return alive;
    },
    async exec(command, options) {
      if (!alive) throw dropped(host, cause);
      const child = { program: "ssh", words: [...words, command], environment: process.env };
      const result = await running.during((untilLost) => started(host, runChild(child, host, options, untilLost)));
      if (result.code !== sshTrouble) return result;
      if (!alive) throw dropped(host, cause);
      if ((await keeperAt(socket)) === null) {
        end(undefined);
        throw dropped(host, cause);
      }
      const trouble = execFailure(host, result.stderr);
      if (trouble !== null) throw trouble;
      return result;
    },
    close,
  };
}

export interface SeparateLink extends Link {
  /** Arguments up to the name of the file for what ssh says. */
  readonly words: readonly string[];
  readonly target: HostSettings;
  readonly runtime: Runtime;
  readonly environment: NodeJS.ProcessEnv;
  readonly books: readonly HostKeyBook[];
}

/** Every command connects anew, for an ssh that cannot share. */
export function separateConnection(link: SeparateLink): HostConnection {
  const { host, log, runtime, target } = link;
  const running = new Running();
  let alive = true;
  let count = 0;
  return {
    description: host,
    get alive() {
      return alive;
    },
    async exec(command: string, options: ExecOptions): Promise<ExecResult> {
      if (!alive) throw dropped(host, byUs);
      const said = path.join(runtime.folder, `log${count++}`);
      const words = [...link.words, said, ...destinationWords(target), command];
      const child = { program: "ssh", words, environment: link.environment };
      const result = await running.during((untilLost) => started(host, runChild(child, host, options, untilLost)));
      if (result.code !== sshTrouble) return result;
      const sshLog = new SshLog({ onHostKey: ignore, onLogin: ignore, onSigning: ignore });
      sshLog.push(await readFile(said).catch(() => Buffer.alloc(0)));
      if (sshLog.login.by === null) throw connectFailure(sshLog, link.books);
      const lost = sshLog.messages.find((line) =>
        /^(?:client_loop: |Timeout, server|Connection (?:closed|to) )/.test(line),
      );
      if (lost === undefined) return result;
      alive = false;
      throw dropped(host, lost);
    },
    close() {
      if (!alive) return;
      log(`${host}: connection closed`);
      alive = false;
      running.endAll(dropped(host, byUs));
      link.dispose();
    },
  };
}

/** A program that is not there fails as such. */
async function started(host: string, running: Promise<ExecResult>): Promise<ExecResult> {
  try {
    return await running;
  } catch (error) {
    const notStarted = error instanceof Error && "syscall" in error && `${error.syscall}`.startsWith("spawn");
    throw notStarted ? noSshProgram(host, error.message) : error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It ended by itself.
  }
}
