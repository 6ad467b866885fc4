import path from "node:path";
import type { Destination } from "./destination";
import { unreadableConfiguration, unsupported } from "./failures";
import type { Log } from "./port";
import { dumpSshConfig } from "./sshConfigDump";
import { computeSshConfig } from "./sshConfigFile";
import { expandPath, type Tokens, userName } from "./sshConfigTokens";

/** What the ssh configuration says about one host, in the terms used here. Source of every meaning: ssh_config(5). */
export interface HostSettings {
  /** As typed. */
  readonly alias: string;
  readonly hostName: string;
  readonly user: string;
  readonly port: number;
  /** 0 any, else 4 or 6. */
  readonly addressFamily: 0 | 4 | 6;
  /** Absolute paths, in order of preference; they need not exist. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket of the agent; null where there is none or it is not to be used. */
  readonly agentSocket: string | null;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hostKeyAlias: string | null;
  readonly strictHostKeyChecking: "yes" | "ask" | "accept-new" | "off";
  /** Comma-separated chain as written, null for a direct connection. */
  readonly proxyJump: string | null;
  readonly proxyCommand: string | null;
  /** Seconds. */
  readonly connectTimeout: number;
  /** Whether what goes over the wire is to be compressed, where the host agrees. */
  readonly compression: boolean;
  readonly publicKeyLogin: boolean;
  readonly questionLogin: boolean;
  readonly passwordLogin: boolean;
  readonly gssapiLogin: boolean;
  /** Library of PKCS#11 keys; null for none. */
  readonly pkcs11Provider: string | null;
  /** Library for FIDO keys other than the one built into ssh; null for none. */
  readonly securityKeyProvider: string | null;
  readonly knownHostsCommand: string | null;
  readonly revokedHostKeys: string | null;
  /** Socket under which ssh shares connections to this host, whether or not one is open; null for none. */
  readonly controlPath: string | null;
  /** Who resolved this: `ssh -G`, or the files read here. */
  readonly source: "ssh" | "files";
  /** The configuration files that were read, in order. */
  readonly configFiles: readonly string[];
}

/** Lower-case keyword → its values, in order. Lists of files have one value per file. */
export type RawSettings = ReadonlyMap<string, readonly string[]>;

/** Raw settings and the files they come from. */
export interface Dump {
  readonly raw: RawSettings;
  readonly files: readonly string[];
}

export interface ResolveOptions {
  readonly sshConfigFile?: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}

const defaultTimeout = 15;

/**
 * Settings for `destination`: asked of `ssh -G` where there is an ssh, read from the files otherwise. A typed user or port beats
 * the configuration. Throws HostError (`unresolvable`, `unsupported`, `timeout`, `cancelled`).
 */
export async function resolveSettings(destination: Destination, options: ResolveOptions): Promise<HostSettings> {
  const dump = await dumpSshConfig(destination, options);
  if (dump !== null) return toSettings(destination, dump, "ssh");
  return toSettings(destination, await computeSshConfig(destination, options), "files");
}

function toSettings(
  destination: Destination,
  { raw, files: configFiles }: Dump,
  source: "ssh" | "files",
): HostSettings {
  const alias = destination.host;
  const one = (name: string): string | null => {
    const value = raw.get(name)?.[0];
    return value === undefined || value.toLowerCase() === "none" ? null : value;
  };
  const yes = (name: string, fallback: boolean) => {
    const value = one(name)?.toLowerCase();
    return value === undefined ? fallback : value === "yes" || value === "true";
  };
  const hostName = (one("hostname") ?? alias).replace(/%[h%]/g, (token) => (token === "%h" ? alias : "%"));
  const port = destination.port ?? Number(one("port") ?? 22);
  const user = destination.user ?? one("user") ?? userName();
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw unreadableConfiguration(alias, "Port is not a number");
  const hostKeyAlias = one("hostkeyalias");
  const proxyJump = one("proxyjump");
  const tokens: Tokens = { alias, hostName, port, user, hostKeyAlias, proxyJump };
  const files = (name: string): readonly string[] =>
    (raw.get(name) ?? []).filter((value) => value.toLowerCase() !== "none").map((value) => file(value, name, tokens));
  return {
    alias,
    hostName,
    user,
    port,
    addressFamily: one("addressfamily") === "inet" ? 4 : one("addressfamily") === "inet6" ? 6 : 0,
    identityFiles: files("identityfile"),
    certificateFiles: files("certificatefile"),
    identitiesOnly: yes("identitiesonly", false),
    agentSocket: agentSocket(raw.get("identityagent")?.[0], tokens),
    userKnownHosts: files("userknownhostsfile"),
    globalKnownHosts: files("globalknownhostsfile"),
    hostKeyAlias,
    strictHostKeyChecking: strictness(one("stricthostkeychecking")),
    proxyJump,
    proxyCommand: one("proxycommand"),
    connectTimeout: seconds(one("connecttimeout")) ?? defaultTimeout,
    compression: yes("compression", false),
    // Besides yes and no there are `unbound` and `host-bound`, which are forms of yes.
    publicKeyLogin: !["no", "false"].includes(one("pubkeyauthentication")?.toLowerCase() ?? "yes"),
    questionLogin: yes("kbdinteractiveauthentication", true),
    passwordLogin: yes("passwordauthentication", true),
    gssapiLogin: yes("gssapiauthentication", false),
    pkcs11Provider: one("pkcs11provider"),
    securityKeyProvider: one("securitykeyprovider") === "internal" ? null : one("securitykeyprovider"),
    knownHostsCommand: one("knownhostscommand"),
    revokedHostKeys: one("revokedhostkeys"),
    controlPath: one("controlpath"),
    source,
    configFiles,
  };
}

function file(value: string, keyword: string, tokens: Tokens): string {
  const expanded = expandPath(value, tokens);
  if (expanded === null) {
    throw unsupported(
      tokens.alias,
      `${keyword} ${value} uses a form that is not understood here`,
      "Write the path out in your ssh configuration.",
    );
  }
  return path.resolve(expanded);
}

function agentSocket(value: string | undefined, tokens: Tokens): string | null {
  const fromEnvironment = process.env["SSH_AUTH_SOCK"] ?? "";
  if (value === undefined || value === "SSH_AUTH_SOCK") {
    if (fromEnvironment !== "") return fromEnvironment;
    return process.platform === "win32" ? "\\\\.\\pipe\\openssh-ssh-agent" : null;
  }
  if (value.toLowerCase() === "none") return null;
  if (/^\$\w+$/.test(value)) return process.env[value.slice(1)] ?? null;
  return expandPath(value, tokens);
}

function strictness(value: string | null): HostSettings["strictHostKeyChecking"] {
  switch (value?.toLowerCase()) {
    case "yes":
    case "true":
      return "yes";
    case "accept-new":
      return "accept-new";
    case "no":
    case "off":
    case "false":
      return "off";
    default:
      return "ask";
  }
}

/** Time formats of sshd_config(5), e.g. `90`, `1m30`. */
function seconds(value: string | null): number | null {
  if (value === null || !/^(\d+[smhdw]?)+$/i.test(value)) return null;
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const total = [...value.matchAll(/(\d+)([smhdw]?)/gi)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit?.toLowerCase() ?? ""] ?? 1),
    0,
  );
  return total > 0 ? Math.min(total, 86_400) : null;
}
