import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { startContained } from "./contained";
import { file, type TreeNode, writeTree } from "./file-tree";
import { LIVE, MOUNTED, nixStore, OLD, PERSISTED } from "./host-content";

export interface HostOptions {
  readonly kind: "btrfs" | "tmpfs";
  /** `busybox` leaves the commands of BusyBox on the PATH, as a rescue system has them. */
  readonly tools?: "gnu" | "busybox";
  /** What a btrfs host keeps of older roots, see host-init.sh; `snapshots` where left out. */
  readonly keeps?: keyof typeof oldRoots;
  /** A /home of its own, in memory. */
  readonly home?: "tmpfs";
  /** More paths on the live root. */
  readonly live?: readonly TreeNode[];
  /** More paths in the store, below /nix. */
  readonly store?: readonly TreeNode[];
  /** Paths bound from storage, if not all of `MOUNTED`; those of the host's key must be among them. */
  readonly mounted?: readonly string[];
  /** More paths in the storage. */
  readonly persist?: readonly TreeNode[];
}

export interface EphemeralHost {
  readonly port: number;
  /** Private key that opens root, josh (sudo without a password) and mia (no sudo at all). */
  readonly identity: string;
  /** `known_hosts` with the host's key. */
  readonly knownHosts: string;
  /** Has the aliases `juni` (root), `juni-josh` and `juni-mia`. */
  readonly sshConfigFile: string;
  /** The host's public key as `ssh-keygen -lf` names it: `SHA256:…`. */
  readonly fingerprint: string;
  /** A folder for the test's own files, gone after `stop`. */
  readonly folder: string;
  /** Older root on the host, null where none is to be seen. */
  readonly oldRoot: string | null;
  /** Writes another ssh configuration with the same aliases. Returns its path. */
  sshConfig(name: string, change: { readonly port?: number; readonly knownHosts?: string }): string;
  /** Runs a shell command on the host through OpenSSH's own `ssh`, as root unless told. Returns its output; throws when it fails. */
  run(command: string, as?: "root" | "josh" | "mia"): string;
  stop(): Promise<void>;
}

/** For each way of keeping older roots the name of one and its folder on the host; null where it cannot be seen. */
const oldRoots = {
  snapshots: ["2026-11-21_09-30-00", "/.snapshots/old_roots"],
  moved: ["2026-11-21_09:30:00", "/btrfs_tmp/old_roots"],
  unmounted: ["2026-11-21_09:30:00", null],
  blank: ["", null],
} as const;

/**
 * Starts a NixOS-like machine with an ephemeral root and a real sshd on 127.0.0.1, in its own mount, process and name
 * namespaces. Needs root, and btrfs and loop devices in the kernel. Ends with `stop()`, or with this process, however it ends.
 */
export async function startEphemeralHost(options: HostOptions): Promise<EphemeralHost> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tidemark-host-"));
  const keeps = options.keeps ?? "snapshots";
  const [oldName, oldFolder] = oldRoots[keeps];
  const identity = generateKey(path.join(folder, "id_ed25519"), "test");
  const hostKey = generateKey(path.join(folder, "host_key"), "root@juni");
  const port = await freePort();
  const stage = (name: string) => path.join(folder, "stage", name);
  writeTree(stage("live"), [...LIVE, ...(options.live ?? [])]);
  writeTree(stage("old"), OLD);
  writeTree(stage("nix"), [...nixStore(readFileSync(`${identity}.pub`, "utf8")), ...(options.store ?? [])]);
  writeTree(stage("persist"), [
    ...PERSISTED,
    ...(options.persist ?? []),
    file("/etc/ssh/ssh_host_ed25519_key", readFileSync(hostKey, "utf8"), [0, 0], 0o600),
    file("/etc/ssh/ssh_host_ed25519_key.pub", readFileSync(`${hostKey}.pub`, "utf8")),
  ]);
  const mounted = options.mounted ?? MOUNTED;
  writeFileSync(path.join(folder, "mounts"), mounted.map((at) => `${at.slice(1)}\t${at}\n`).join(""));
  writeFileSync(path.join(folder, "sshd_config"), sshdConfig(port, options.tools ?? "gnu"));

  const init = ["sh", path.join(__dirname, "host-init.sh"), options.kind, folder, oldName, keeps, options.home ?? ""];
  const namespaces = ["--mount", "--uts", "--propagation", "private"];
  const contained = startContained(folder, namespaces, init, { ...process.env, LC_ALL: "C" });
  try {
    await listening(contained.process, port);
  } catch (error) {
    await contained.stop();
    throw new Error(`the ${options.kind} host did not start:\n${contained.output()}`, { cause: error });
  }

  const publicKey = readFileSync(`${hostKey}.pub`, "utf8").trim();
  const knownHosts = path.join(folder, "known_hosts");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKey.split(" ").slice(0, 2).join(" ")}\n`);
  const sshConfig: EphemeralHost["sshConfig"] = (name, change) => {
    const at = path.join(folder, name);
    writeFileSync(at, clientConfig(change.port ?? port, identity, change.knownHosts ?? knownHosts));
    return at;
  };
  const sshConfigFile = sshConfig("ssh_config", {});
  return {
    port,
    identity,
    knownHosts,
    sshConfigFile,
    fingerprint: fingerprintOf(`${hostKey}.pub`),
    folder,
    oldRoot: options.kind === "btrfs" && oldFolder !== null ? `${oldFolder}/${oldName}` : null,
    sshConfig,
    run: (command, as = "root") =>
      execFileSync("ssh", ["-F", sshConfigFile, as === "root" ? "juni" : `juni-${as}`, "--", command], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      }),
    stop: contained.stop,
  };
}

/** Makes an unencrypted ed25519 key pair at `at` and `at.pub`. Returns `at`. */
export function generateKey(at: string, comment: string): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", at]);
  return at;
}

/** `SHA256:…` of a public key file, as `ssh-keygen -lf` prints it. */
export function fingerprintOf(publicKey: string): string {
  const line = execFileSync("ssh-keygen", ["-l", "-f", publicKey], { encoding: "utf8" });
  return line.split(" ")[1] ?? "";
}

/** A TCP port of 127.0.0.1 nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function sshdConfig(port: number, tools: "gnu" | "busybox"): string {
  const nixos = ["/run/wrappers/bin", "/nix/var/nix/profiles/default/bin", "/run/current-system/sw/bin"];
  const bins = tools === "gnu" ? nixos : ["/run/busybox"];
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    "HostKey /etc/ssh/ssh_host_ed25519_key",
    "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u",
    "PidFile none",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "UseDNS no",
    "PrintMotd no",
    `SetEnv PATH=${bins.join(":")}`,
    "",
  ].join("\n");
}

function clientConfig(port: number, identity: string, knownHosts: string): string {
  const users = { juni: "root", "juni-josh": "josh", "juni-mia": "mia" };
  return Object.entries(users)
    .map(([alias, user]) =>
      [
        `Host ${alias}`,
        "  HostName 127.0.0.1",
        `  Port ${port}`,
        `  User ${user}`,
        `  IdentityFile ${identity}`,
        "  IdentitiesOnly yes",
        `  UserKnownHostsFile ${knownHosts}`,
        "  GlobalKnownHostsFile /dev/null",
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** Resolves when the host answers on its port; rejects when it ends first. */
async function listening(child: ChildProcess, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`ended with ${code}`)));
    child.stdout?.once("data", () => resolve());
  });
  // sshd has been started by now and opens its port within some milliseconds.
  const deadline = Date.now() + 10_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`sshd does not listen on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("data", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false)).once("data", () => socket.destroy());
  });
}
