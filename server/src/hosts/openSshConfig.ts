import { symlink } from "node:fs/promises";
import path from "node:path";
import type { HostKeyBook } from "./hostKeyPolicy";
import { ownKnownHosts } from "./knownHostsFiles";
import type { Runtime } from "./openSshRuntime";
import type { HostSettings } from "./sshConfig";
import { defaultConfigFiles } from "./sshConfigLines";

/**
 * The configuration `ssh` runs with: ours first, so that it wins, then the user's. A file and not arguments, because the `ssh`
 * that reaches a jump host is started by `ssh` itself and is given the file, but not the arguments. Source: ssh_config(5).
 */

/** For every host: ask us, check host keys, keep to the one connection, change nothing of the user's. */
const forAll = [
  "BatchMode no",
  "UpdateHostKeys no",
  "CheckHostIP no",
  "HashKnownHosts no",
  "VisualHostKey no",
  "NoHostAuthenticationForLocalhost no",
  "AddKeysToAgent no",
  "ForwardAgent no",
  "ForwardX11 no",
  "ClearAllForwardings yes",
  "PermitLocalCommand no",
  "RemoteCommand none",
  "RequestTTY no",
  "Tunnel no",
  "EscapeChar none",
  "ServerAliveInterval 10",
  "ServerAliveCountMax 3",
  "ControlMaster no",
];

export interface ConfigParts {
  readonly text: string;
  /** Stand-in for a path that cannot be written in a configuration → the path. To be made as links. */
  readonly links: ReadonlyMap<string, string>;
}

/** The text of the configuration for a route. `liveMasters`: sockets of connections that the user already shares. */
export function openSshConfig(
  books: readonly HostKeyBook[],
  runtime: Pick<Runtime, "folder" | "sessionKeys">,
  options: { readonly stateFolder: string; readonly sshConfigFile?: string; readonly liveMasters: ReadonlySet<string> },
): ConfigParts {
  const links = new Map<string, string>();
  const quoted = (file: string): string => {
    if (/^[\p{L}\p{N}_@+=:,./ -]+$/u.test(file)) return `"${file}"`;
    const known = [...links].find(([, target]) => target === file)?.[0];
    const link = known ?? path.join(runtime.folder, `link${links.size}`);
    links.set(link, file);
    return `"${link}"`;
  };
  const own = [runtime.sessionKeys, ownKnownHosts(options.stateFolder)];
  const lines: string[] = [];
  for (const [index, { settings }] of books.entries()) {
    const { alias, controlPath, strictHostKeyChecking: strict } = settings;
    const shared = controlPath !== null && options.liveMasters.has(controlPath) ? quoted(controlPath) : "none";
    lines.push(
      `Host ${alias}`,
      `  UserKnownHostsFile ${[...own, ...settings.userKnownHosts].map(quoted).join(" ")}`,
      // Off is never taken over: what is unknown is asked about all the same.
      `  StrictHostKeyChecking ${strict === "off" ? "ask" : strict}`,
      `  ConnectTimeout ${settings.connectTimeout}`,
      `  ControlPath ${shared}`,
    );
    // `Host *` with ProxyJump also matches the first jump host itself.
    if (index === 0 && settings.proxyCommand === null) lines.push("  ProxyJump none");
  }
  lines.push("Host *", `  UserKnownHostsFile ${own.map(quoted).join(" ")}`, "  StrictHostKeyChecking yes");
  lines.push("  ControlPath none", ...forAll.map((line) => `  ${line}`));
  const files = options.sshConfigFile === undefined ? defaultConfigFiles() : [path.resolve(options.sshConfigFile)];
  for (const file of files) lines.push("Match all", `  Include ${quoted(file)}`);
  return { text: `${lines.join("\n")}\n`, links };
}

/** Makes the links a configuration refers to. */
export async function makeLinks(links: ReadonlyMap<string, string>): Promise<void> {
  for (const [link, target] of links) await symlink(target, link);
}

/** `name` where ssh is to be told which host: after `--`, so that it is never an option. */
export function destinationWords(settings: HostSettings): readonly string[] {
  return ["-l", settings.user, "-p", String(settings.port), "--", settings.alias];
}
