import path from "node:path";
import { type ParsedKey, utils } from "ssh2";
import { printable } from "./failures";
import { listAgentKeys, signWithAgent } from "./identitiesAgent";
import { embeddedPublicKey, type LoadedKey, parseOne, readKeyFile, unlock } from "./identitiesFile";
import { fingerprint, keyTypeOf } from "./knownHosts";
import type { Log, Prompter } from "./port";
import type { HostSettings } from "./sshConfig";

/** A key that may be tried. Signing may ask for a passphrase, so it is asked for only when the host accepts the key. */
export interface Identity {
  /** For people: `key /home/josh/.ssh/id_ed25519`, `agent key josh@juni`. */
  readonly label: string;
  /** Null where it is known only after the passphrase, and that was not found out. */
  publicKey(): Promise<ParsedKey | null>;
  /** Null where the passphrase stayed wrong. Throws HostError when the person cancels, Error when the agent refuses. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer | null>;
}

export interface Identities {
  /** In the order to try. */
  readonly keys: readonly Identity[];
  /** Keys that exist and cannot be used here, each with the reason. */
  readonly skipped: readonly string[];
}

export interface IdentityContext {
  readonly settings: HostSettings;
  /** For people. */
  readonly host: string;
  readonly prompter: Prompter;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Keys for a host: from the agent (configured ones first), then open key files, then encrypted ones. */
export async function findIdentities(context: IdentityContext): Promise<Identities> {
  const { settings, log } = context;
  const skipped: string[] = [];
  const skip = (what: string, why: string) => {
    skipped.push(`${what}: ${why}`);
    log(`${context.host}: leaving out ${what}: ${why}`);
  };
  const files = await keyFiles(settings, skip);
  const configured = new Set(files.flatMap(({ publicKey }) => (publicKey === null ? [] : [prints(publicKey)])));
  const agentKeys = await fromAgent(context, configured, skip);
  const inAgent = new Set(agentKeys.map((key) => prints(key)));
  const ofAgent = [
    ...agentKeys.filter((key) => configured.has(prints(key))),
    ...agentKeys.filter((key) => !configured.has(prints(key))),
  ].map((key) => agentIdentity(key, settings.agentSocket ?? "", context.signal));
  const ofFiles = files
    .filter(({ secret, publicKey }) => secret !== null && !(publicKey !== null && inAgent.has(prints(publicKey))))
    .sort((a, b) => Number(a.key === null) - Number(b.key === null))
    .map((file) => fileIdentity(file, context));
  return { keys: [...ofAgent, ...ofFiles], skipped };
}

function prints(key: ParsedKey): string {
  return fingerprint(key.getPublicSSH());
}

async function fromAgent(
  { settings, host, signal, log }: IdentityContext,
  configured: ReadonlySet<string>,
  skip: (what: string, why: string) => void,
): Promise<readonly ParsedKey[]> {
  if (settings.agentSocket === null) return [];
  try {
    const keys: ParsedKey[] = [];
    for (const { blob, comment } of await listAgentKeys(settings.agentSocket, signal)) {
      if (settings.identitiesOnly && !configured.has(fingerprint(blob))) continue;
      const type = keyTypeOf(blob) ?? "";
      const parsed = type.includes("-cert-") ? new Error("certificate") : parseOne(utils.parseKey(blob));
      if (parsed instanceof Error) {
        skip(`agent key ${printable(comment, 80)}`, whyUnusable(type));
      } else {
        parsed.comment = printable(comment, 80);
        keys.push(parsed);
      }
    }
    return keys;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log(`${host}: the ssh agent at ${settings.agentSocket} does not answer (${printable(why)})`);
    return [];
  }
}

function agentIdentity(key: ParsedKey, socket: string, signal: AbortSignal): Identity {
  return {
    label: `agent key ${[key.comment, prints(key)].filter((text) => text !== "").join(" ")}`,
    publicKey: async () => key,
    sign: (data, hash) => signWithAgent(socket, key, data, hash, signal),
  };
}

interface KeyFile {
  readonly path: string;
  /** Content of the private key file; null where only the public half is here (the agent may have the rest). */
  readonly secret: Buffer | null;
  /** Null where it cannot be known without the passphrase. */
  readonly publicKey: ParsedKey | null;
  /** The private key where it is not encrypted. */
  readonly key: ParsedKey | null;
}

async function keyFiles(
  settings: HostSettings,
  skip: (what: string, why: string) => void,
): Promise<readonly KeyFile[]> {
  const files: KeyFile[] = [];
  for (const certificate of settings.certificateFiles)
    skip(`certificate ${certificate}`, "certificates are not supported");
  for (const file of new Set(settings.identityFiles)) {
    const content = await readKeyFile(file);
    if (content instanceof Error) skip(`key ${file}`, printable(content.message));
    const secret = content instanceof Error ? null : content;
    const described = secret === null ? null : describe(secret);
    if (described instanceof Error) {
      skip(`key ${file}`, described.message);
      continue;
    }
    const publicKey = described?.publicKey ?? (await publicHalf(`${file}.pub`));
    const key = described?.key ?? null;
    const isPublicOnly = key !== null && !key.isPrivateKey();
    files.push({ path: file, secret: isPublicOnly ? null : secret, publicKey, key: isPublicOnly ? null : key });
  }
  return files;
}

/** What can be told of a private key without its passphrase. An Error says why the key is of no use here. */
function describe(content: Buffer): Pick<KeyFile, "publicKey" | "key"> | Error {
  const embedded = embeddedPublicKey(content);
  const type = embedded === null ? "" : (keyTypeOf(embedded) ?? "");
  if (type.startsWith("sk-") || type.includes("-cert-")) return new Error(whyUnusable(type));
  const parsed = parseOne(utils.parseKey(content));
  if (!(parsed instanceof Error)) return { publicKey: parsed, key: parsed };
  if (!/encrypted/i.test(parsed.message)) {
    const word = /(sk-\S+@openssh\.com|\S+-cert-v01@openssh\.com)/.exec(content.toString("latin1").slice(0, 200))?.[1];
    return new Error(
      word === undefined ? `not a key that can be read here (${printable(parsed.message)})` : whyUnusable(word),
    );
  }
  const publicKey = embedded === null ? null : parseOne(utils.parseKey(embedded));
  return { publicKey: publicKey instanceof Error ? null : publicKey, key: null };
}

function whyUnusable(type: string): string {
  if (type.startsWith("sk-")) return "keys on a hardware token are not supported";
  if (type.includes("-cert-")) return "certificates are not supported";
  return `keys of type ${printable(type, 64) || "unknown"} are not supported`;
}

async function publicHalf(file: string): Promise<ParsedKey | null> {
  const content = await readKeyFile(file);
  if (content === null || content instanceof Error) return null;
  const parsed = parseOne(utils.parseKey(content));
  return parsed instanceof Error ? null : parsed;
}

function fileIdentity(file: KeyFile, context: IdentityContext): Identity {
  const { path: name, secret, publicKey } = file;
  let loaded: LoadedKey | undefined = file.key === null ? undefined : { key: file.key };
  const load = async (): Promise<ParsedKey | null> => {
    if (secret === null) return null;
    const id = publicKey === null ? path.resolve(name) : prints(publicKey);
    loaded ??= { key: await unlock({ name, id, content: secret }, context) };
    return loaded.key;
  };
  return {
    label: `key ${name}`,
    publicKey: async () => publicKey ?? (await load()),
    sign: async (data, hash) => (await load())?.sign(data, hash) ?? null,
  };
}
