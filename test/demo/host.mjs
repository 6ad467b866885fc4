// The demo hosts: an SSH server on 127.0.0.1 for each, with keys made for this run, and a folder as its file system.
//
// A command is run for real by /bin/sh, as whoever runs the demo, with a PATH that holds only what a scan needs.
// The folder is not a jail: scans are told to take it as `/` (setting `root`, option `--root`). Only the key made here may log in.
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ssh2 from "ssh2";
import { makeKey } from "../lib/keys.mjs";
import { which } from "../lib/which.mjs";
import { writeRoot } from "./roots.mjs";

export const hostNames = ["juni", "h001", "h003", "o001", "l001"];

/** What a scan may need of a host. Those that this machine lacks are left out; all but `find` and `id` are used as they are. */
export const tools =
  "awk basename cat cmp comm cut date dirname env find gawk getent grep gzip head hostname id ionice ls mawk mktemp nice od printf readlink realpath sed sh sha256sum sleep sort stat tail test timeout tr true uname uniq wc xargs".split(
    " ",
  );

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Fills `folder`/bin with links to the tools, and with a `find` and an `id` that tell what a real host would. */
async function makeTools(folder) {
  const bin = path.join(folder, "bin");
  await mkdir(bin, { recursive: true });
  for (const name of tools.filter((tool) => tool !== "find" && tool !== "id")) {
    const file = which(name);
    if (file) await symlink(file, path.join(bin, name));
  }
  const find = which("find");
  if (!find) throw new Error("The demo needs `find` (GNU findutils), which is not on PATH.");
  const script = fileURLToPath(new URL("find.mjs", import.meta.url));
  const words = [process.execPath, script, find, path.join(folder, "owners.json"), path.join(folder, "root"), "--"];
  await writeFile(path.join(bin, "find"), `#!/bin/sh\nexec ${words.map(quote).join(" ")} "$@"\n`, { mode: 0o755 });
  // The login is root, as on a real host: else a scan would look for sudo, and on NixOS find that of this machine.
  const id = which("id") ?? "/bin/false";
  await writeFile(
    path.join(bin, "id"),
    `#!/bin/sh\ncase "$*" in\n-u | -g) echo 0 ;;\n-un | -gn) echo root ;;\n*) exec ${quote(id)} "$@" ;;\nesac\n`,
    { mode: 0o755 },
  );
  return bin;
}

/** Ends a command with all that it started. */
function end(child, signal) {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

/** Runs one command of a client, and ends it when the client goes away. */
function run(channel, command, environment, running) {
  const child = spawn("/bin/sh", ["-c", command], { env: environment, cwd: environment.HOME, detached: true });
  running.add(child);
  child.stdin.on("error", () => {});
  channel.on("error", () => {});
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on("close", () => end(child, "SIGTERM"));
  child.on("error", (error) => channel.stderr.write(`${error.message}\n`));
  child.on("close", (code, signal) => {
    running.delete(child);
    if (channel.destroyed) return;
    if (signal) channel.exit(signal.replace("SIG", ""));
    else channel.exit(code ?? 127);
    channel.end();
  });
}

/** Serves one host; gives its port and how to stop it. */
async function serve(hostKey, clientKey, environment) {
  const running = new Set();
  const clients = new Set();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    clients.add(client);
    client.on("error", () => {});
    client.on("close", () => clients.delete(client));
    client.on("authentication", (attempt) => {
      const known =
        attempt.method === "publickey" &&
        attempt.key.algo === clientKey.type &&
        attempt.key.data.equals(clientKey.getPublicSSH());
      if (!known) attempt.reject(["publickey"]);
      else if (!attempt.signature || clientKey.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true)
        attempt.accept();
      else attempt.reject(["publickey"]);
    });
    client.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptExec, _reject, { command }) => run(acceptExec(), command, environment, running));
    });
  });
  await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const stop = async () => {
    const ended = [...running].map((child) => new Promise((resolve) => child.on("close", resolve)));
    for (const child of running) end(child, "SIGKILL");
    const closed = new Promise((resolve) => server.close(resolve));
    for (const client of clients) client.end();
    await Promise.all([...ended, closed]);
  };
  return { port: server.address().port, stop };
}

/**
 * Writes the demo hosts to `folder` (made where missing; `hosts` and `ssh` in it must not exist yet) and serves them.
 * `sshConfig` and `knownHosts` are files for `ssh -F`; `hosts` has, by name, the `root` to scan, the `port`, the `bootTime` in
 * seconds, the root's `fsType`, and the `oldRoot` as the host names it. `stop()` ends the servers and every command that runs.
 */
export async function startDemoHosts(folder, names = hostNames) {
  const ssh = path.join(folder, "ssh");
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  const here = realpathSync(folder);
  const keys = makeKey("tidemark-demo");
  const identity = path.join(ssh, "id_ed25519");
  await writeFile(identity, keys.private, { mode: 0o600 });
  await writeFile(`${identity}.pub`, `${keys.public}\n`);
  const clientKey = ssh2.utils.parseKey(keys.public);
  const sshConfig = path.join(ssh, "config");
  const knownHosts = path.join(ssh, "known_hosts");

  const hosts = {};
  const servers = [];
  const stop = async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  };
  let config = "";
  let known = "";
  try {
    for (const name of names) {
      const place = path.join(here, "hosts", name);
      const root = path.join(place, "root");
      const written = await writeRoot(name, place);
      const environment = {
        PATH: await makeTools(place),
        HOME: path.join(root, "root"),
        USER: "root",
        LOGNAME: "root",
        SHELL: "/bin/sh",
      };
      const hostKey = makeKey(name);
      const server = await serve(hostKey.private, clientKey, environment);
      servers.push(server);
      hosts[name] = { root, port: server.port, ...written };
      known += `[127.0.0.1]:${server.port} ${hostKey.public.split(" ").slice(0, 2).join(" ")}\n`;
      config += [
        `Host ${name}`,
        "  HostName 127.0.0.1",
        `  Port ${server.port}`,
        "  User root",
        `  IdentityFile "${identity}"`,
        "  IdentitiesOnly yes",
        "  IdentityAgent none",
        `  UserKnownHostsFile "${knownHosts}"`,
        "  GlobalKnownHostsFile /dev/null",
        "  StrictHostKeyChecking yes\n\n",
      ].join("\n");
    }
    await writeFile(sshConfig, config);
    await writeFile(knownHosts, known);
  } catch (error) {
    await stop();
    throw error;
  }
  return { sshConfig, knownHosts, identity, hosts, stop };
}
