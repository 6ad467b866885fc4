import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { type KeyPair, newKey } from "./server";

/** A real sshd on a free port of 127.0.0.1. It runs as whoever runs the test, and lets nobody else in. */

export interface Sshd {
  readonly port: number;
  readonly hostKey: KeyPair;
  readonly user: string;
  /** What sshd wrote so far. */
  readonly said: () => string;
  /** Ends every connection as a dead machine would, and the server. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
}

export interface SshdOptions {
  /** Public keys in OpenSSH form. */
  readonly authorizedKeys: readonly string[];
  readonly hostKey?: KeyPair;
  /** More lines of sshd_config; they win over ours. */
  readonly lines?: readonly string[];
  /** Stands for the login shell: a program that is given `-c` and the command. */
  readonly shell?: string;
}

const program = ["/usr/sbin/sshd", "/run/current-system/sw/bin/sshd"].find((file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});
const hasSsh = spawnSync("ssh", ["-V"]).error === undefined;

/** Why no sshd can be started here, or false. For `skip`. */
export const noSshd = program === undefined ? "sshd is not installed" : !hasSsh && "ssh is not installed";

/** Why ssh cannot be run here, or false. For `skip`. */
export const noSsh = !hasSsh && "ssh is not installed";

export async function startSshd(options: SshdOptions): Promise<Sshd> {
  if (program === undefined) throw new Error("sshd is not installed");
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-sshd-"));
  const hostKey = options.hostKey ?? newKey();
  const write = (name: string, text: string, mode = 0o600) => {
    writeFileSync(path.join(folder, name), text, { mode });
    return path.join(folder, name);
  };
  const port = await freePort();
  const lines = [
    ...(options.lines ?? []),
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${write("host_key", hostKey.private)}`,
    `AuthorizedKeysFile ${write("authorized_keys", `${options.authorizedKeys.join("\n")}\n`)}`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
  ];
  if (options.shell !== undefined) {
    const inner = write("shell", `#!/bin/sh\nexec ${options.shell} -c "$SSH_ORIGINAL_COMMAND"\n`, 0o700);
    chmodSync(folder, 0o700);
    lines.push(`ForceCommand ${inner}`);
  }
  // Debian's sshd wants this folder when it runs as root; a boot makes it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn(program, ["-D", "-e", "-f", write("sshd_config", `${lines.join("\n")}\n`)], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  try {
    await listening(child, port, () => said);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const cut = () => {
    for (const pid of [...descendants(child.pid ?? 0), child.pid ?? 0]) kill(pid);
  };
  return {
    port,
    hostKey,
    user: os.userInfo().username,
    said: () => said,
    cut,
    async stop() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
      cut();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Processes below `pid`; those of sshd's sessions lead groups of their own. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const pairs = [...stdout.matchAll(/(\d+)\s+(\d+)/g)].map(
    ([, child, parent]) => [Number(child), Number(parent)] as const,
  );
  const below = (parent: number): number[] =>
    pairs.filter(([, of]) => of === parent).flatMap(([child]) => [...below(child), child]);
  return below(pid);
}

function kill(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function listening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const limit = Date.now() + 10_000;
  while (Date.now() < limit) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`sshd does not listen: ${said()}`);
}
