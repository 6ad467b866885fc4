import { stat } from "node:fs/promises";
import { unsupported } from "./failures";
import { listAgentKeys } from "./identitiesAgent";
import { embeddedPublicKey, readKeyFile } from "./identitiesFile";
import { keyTypeOf, lookupName, namesHost } from "./knownHosts";
import { ownKnownHosts, readKnownHosts } from "./knownHostsFiles";
import type { HostSettings } from "./sshConfig";

/** Which SSH reaches a host: the built-in one, unless the configuration needs what only the `ssh` program can do. */

export type ClientWish = "auto" | "ssh2" | "openssh";

export interface ClientChoice {
  readonly client: "ssh2" | "openssh";
  /** Why, for people and logs. */
  readonly reason: string;
  /** Whether the `ssh` program may be tried where the built-in SSH turns out not to be enough. */
  readonly fallback: boolean;
}

interface ChoiceOptions {
  readonly signal: AbortSignal;
  readonly stateFolder: string;
}

/** Throws HostError `unsupported` where the `ssh` program is wished for and cannot be run. */
export async function chooseClient(
  wish: ClientWish,
  route: readonly HostSettings[],
  options: ChoiceOptions,
): Promise<ClientChoice> {
  const canRun = route.every((settings) => settings.source === "ssh");
  if (wish === "ssh2") return { client: "ssh2", reason: "chosen by the settings", fallback: false };
  if (wish === "openssh") {
    if (canRun) return { client: "openssh", reason: "chosen by the settings", fallback: false };
    throw unsupported(
      route.at(-1)?.alias ?? "the host",
      "the settings ask for the ssh program, and there is none that runs",
      "Install OpenSSH, or set `tidemark.ssh.client` to auto.",
    );
  }
  for (const settings of route) {
    const need = await needOf(settings, options);
    if (need === null) continue;
    const reason = settings === route.at(-1) ? need : `${settings.alias}: ${need}`;
    if (canRun) return { client: "openssh", reason, fallback: false };
    return { client: "ssh2", reason: `there is no ssh program that runs, although ${reason}`, fallback: false };
  }
  return { client: "ssh2", reason: "nothing in the ssh configuration needs more", fallback: canRun };
}

/** The first thing in the settings of one host that the built-in SSH cannot do, in words; null for nothing. */
async function needOf(settings: HostSettings, options: ChoiceOptions): Promise<string | null> {
  if (settings.proxyCommand !== null) return "the ssh configuration sets ProxyCommand";
  if (settings.pkcs11Provider !== null) return "the ssh configuration sets PKCS11Provider";
  if (settings.securityKeyProvider !== null) return "the ssh configuration sets SecurityKeyProvider";
  if (settings.knownHostsCommand !== null) return "the ssh configuration sets KnownHostsCommand";
  if (settings.revokedHostKeys !== null) return "the ssh configuration sets RevokedHostKeys";
  if (settings.controlPath !== null && (await isSocket(settings.controlPath)))
    return `a shared connection is open at ${settings.controlPath}`;
  if (settings.gssapiLogin && (await hasTicket()))
    return "the ssh configuration allows GSSAPI and there is a Kerberos ticket";
  return (await needOfHostKeys(settings, options)) ?? (await needOfKeys(settings, options.signal));
}

async function needOfHostKeys(settings: HostSettings, { stateFolder }: ChoiceOptions): Promise<string | null> {
  const { hostName, port, hostKeyAlias, userKnownHosts, globalKnownHosts } = settings;
  const files = [...userKnownHosts, ...globalKnownHosts, ownKnownHosts(stateFolder)];
  const names = [lookupName(hostName, port, hostKeyAlias), lookupName(hostName, 22, null)];
  const authority = (await readKnownHosts(files, settings.alias)).find(
    ({ marker, hosts }) => marker === "cert-authority" && names.some((name) => namesHost(hosts, name)),
  );
  return authority === undefined
    ? null
    : `its host key is vouched for by a certificate authority (${authority.file}:${authority.line})`;
}

async function needOfKeys(settings: HostSettings, signal: AbortSignal): Promise<string | null> {
  if (!settings.publicKeyLogin) return null;
  const certificates = [...settings.certificateFiles, ...settings.identityFiles.map((file) => `${file}-cert.pub`)];
  for (const file of certificates) if (await exists(file)) return `there is a certificate, ${file}`;
  for (const file of settings.identityFiles) {
    const type = await keyFileType(file);
    const special = specialKey(type);
    if (special !== null) return `${file} is ${special}`;
  }
  if (settings.agentSocket === null || settings.identitiesOnly) return null;
  // An agent that does not answer is reported where it is used.
  const keys = await listAgentKeys(settings.agentSocket, signal).catch(() => []);
  const special = keys.map(({ blob }) => specialKey(keyTypeOf(blob) ?? "")).find((found) => found !== null);
  return special === undefined ? null : `the agent holds ${special}`;
}

function specialKey(type: string): string | null {
  if (type.includes("-cert-")) return "a certificate";
  return /^(?:sk-|webauthn-sk-)/.test(type) ? "a key on a hardware token" : null;
}

/** Type of the key in a private key file, or in the public half beside it; empty where it cannot be told. */
async function keyFileType(file: string): Promise<string> {
  const content = await readKeyFile(file);
  const embedded = content === null || content instanceof Error ? null : embeddedPublicKey(content);
  if (embedded !== null) return keyTypeOf(embedded) ?? "";
  const half = await readKeyFile(`${file}.pub`);
  const texts = [half, content].flatMap((each) => (each === null || each instanceof Error ? [] : [each]));
  return (
    texts
      .map((text) => /^(?:ssh|ecdsa|sk|webauthn)-[\w@.-]+(?= )/.exec(text.toString("latin1", 0, 200))?.[0] ?? "")
      .find(Boolean) ?? ""
  );
}

/** Whether there is a Kerberos credential cache, by the rules of krb5: `KRB5CCNAME`, else a file named after the user. */
async function hasTicket(): Promise<boolean> {
  const named = process.env["KRB5CCNAME"] ?? "";
  if (named !== "" && !named.startsWith("FILE:") && !named.startsWith("/")) return true;
  return exists(named === "" ? `/tmp/krb5cc_${process.getuid?.() ?? ""}` : named.replace(/^FILE:/, ""));
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}

async function isSocket(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isSocket() === true;
}
