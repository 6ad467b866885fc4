import type { ServerHostKeyAlgorithm } from "ssh2";
import { printable } from "./failures";
import { hostKeyByAuthority, hostKeyChanged, hostKeyRevoked, hostKeyUnknown, type KeyPlace } from "./failuresHostKey";
import {
  fingerprint,
  type HostKeyVerdict,
  judgeHostKey,
  type KnownHost,
  keyTypeOf,
  knownKeyTypes,
  lookupName,
} from "./knownHosts";
import { canRecord, ownKnownHosts, readKnownHosts, recordHostKey } from "./knownHostsFiles";
import type { ConnectEvent, Log, Prompter } from "./port";
import type { HostSettings } from "./sshConfig";

/** What decides about the keys of one host; read before connecting, so that no answer of the host can influence it. */
export interface HostKeyBook {
  readonly settings: HostSettings;
  /** For people: `juni (josh@10.0.0.4:22)`. */
  readonly host: string;
  readonly stateFolder: string;
  readonly entries: readonly KnownHost[];
  /** The name the host is filed under, then other forms that count as well. */
  readonly names: readonly string[];
  readonly log: Log;
  readonly onEvent: (event: ConnectEvent) => void;
}

/** Keys accepted "once": name the host is filed under → keys in base64. They live as long as this process. */
const acceptedOnce = new Map<string, Set<string>>();

/** Reads the user's, the system's and our own known_hosts. Throws HostError when one exists and cannot be read. */
export async function openHostKeyBook(
  settings: HostSettings,
  host: string,
  stateFolder: string,
  log: Log,
  onEvent: (event: ConnectEvent) => void,
): Promise<HostKeyBook> {
  const { hostName, port, hostKeyAlias } = settings;
  const files = [...settings.userKnownHosts, ...settings.globalKnownHosts, ownKnownHosts(stateFolder)];
  const names = [lookupName(hostName, port, hostKeyAlias)];
  if (hostKeyAlias === null && port !== 22) names.push(lookupName(hostName, 22, null));
  return { settings, host, stateFolder, entries: await readKnownHosts(files, host), names, log, onEvent };
}

/** In the order of our own liking; SHA-1 signatures (`ssh-rsa`) are left out. */
const algorithmsByType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Host key algorithms to ask for, those of known keys first, as ssh does. */
export function hostKeyAlgorithms(book: HostKeyBook): ServerHostKeyAlgorithm[] {
  const types = [...knownKeyTypes(book.entries, book.names), ...Object.keys(algorithmsByType)];
  return [...new Set(types)].flatMap((type) => algorithmsByType[type] ?? []);
}

/**
 * Returns when `key` may be trusted, throws HostError when not. Changed and revoked keys are refused without a question;
 * unknown ones are a question for a person, unless StrictHostKeyChecking already answers it.
 */
export async function checkHostKey(book: HostKeyBook, key: Uint8Array, prompter: Prompter): Promise<void> {
  const { host, settings, log } = book;
  const trust = (status: string) => book.onEvent({ kind: "host-key", host, key: shown, status });
  const type = keyTypeOf(key) ?? "unknown type";
  const shown = `${printable(type, 64)} ${fingerprint(key)}`;
  const name = book.names[0] ?? "";
  const verdict = judgeHostKey(book.entries, book.names, key);
  switch (verdict.kind) {
    case "revoked":
      throw hostKeyRevoked(host, place(book, verdict.entry), shown);
    case "mismatch": {
      const known = `${verdict.entry.keyType} ${fingerprint(verdict.entry.key)}`;
      throw hostKeyChanged(host, name, place(book, verdict.entry), known, shown);
    }
    case "match":
      log(`${host}: host key ${shown} is known (${verdict.entry.file}:${verdict.entry.line})`);
      trust(`known (${verdict.entry.file}:${verdict.entry.line})`);
      return;
  }
  if (acceptedOnce.get(name)?.has(base64(key))) {
    log(`${host}: host key ${shown} was accepted earlier in this session`);
    trust("accepted earlier in this session");
    return;
  }
  if (settings.strictHostKeyChecking === "yes") {
    if (verdict.kind === "ca-only") throw hostKeyByAuthority(host, place(book, verdict.entry), shown);
    throw hostKeyUnknown(host, shown, "StrictHostKeyChecking is `yes`, so it is not asked about");
  }
  if (settings.strictHostKeyChecking === "accept-new" && verdict.kind === "unknown") {
    log(`${host}: host key ${shown} is new and accepted (StrictHostKeyChecking accept-new)`);
    await keepHostKey(book, type, key, "always");
    trust("new, accepted as StrictHostKeyChecking accept-new says");
    return;
  }
  explain(book, verdict);
  await ask(book, type, key, verdict, prompter);
  trust("accepted by you");
}

async function ask(
  book: HostKeyBook,
  keyType: string,
  key: Uint8Array,
  verdict: HostKeyVerdict,
  prompter: Prompter,
): Promise<void> {
  const answer = await prompter.confirmHostKey({
    host: book.settings.hostName,
    port: book.settings.port,
    keyType: printable(keyType, 64),
    fingerprint: fingerprint(key),
    knownTypes: verdict.kind === "other-key-type" ? verdict.knownTypes : [],
  });
  if (answer === "no") {
    throw hostKeyUnknown(book.host, `${printable(keyType, 64)} ${fingerprint(key)}`, "it was not accepted");
  }
  book.log(`${book.host}: host key ${printable(keyType, 64)} ${fingerprint(key)} accepted by the user (${answer})`);
  await keepHostKey(book, keyType, key, answer);
}

/** Keeps a key that is trusted from now on: `once` as long as this process lives, `always` in our own known_hosts as well. */
export async function keepHostKey(
  book: HostKeyBook,
  keyType: string,
  key: Uint8Array,
  until: "once" | "always",
): Promise<void> {
  const name = book.names[0] ?? "";
  if (until === "always") await record(book, name, keyType, key);
  else remember(name, key);
}

/** Keys accepted in this session for the host, as lines of a known_hosts file. */
export function acceptedLines(book: HostKeyBook): readonly string[] {
  const name = book.names[0] ?? "";
  if (!canRecord(name)) return [];
  return [...(acceptedOnce.get(name) ?? [])].flatMap((key) => {
    const type = keyTypeOf(Buffer.from(key, "base64"));
    return type === null ? [] : [`${name} ${type} ${key}`];
  });
}

/** What the question itself does not say. */
function explain(book: HostKeyBook, verdict: HostKeyVerdict): void {
  const { host, settings, log } = book;
  if (settings.strictHostKeyChecking === "off") {
    log(
      `${host}: StrictHostKeyChecking is off in the ssh configuration; an unknown host key is asked about all the same`,
    );
  }
  if (verdict.kind === "ca-only") {
    log(
      `${host}: trusted through a certificate authority (${verdict.entry.file}:${verdict.entry.line}), which cannot be checked here`,
    );
  }
  if (verdict.kind === "other-key-type") {
    log(`${host}: known by other keys (${verdict.knownTypes.join(", ")}), but it shows none of them`);
  }
}

async function record(book: HostKeyBook, name: string, type: string, key: Uint8Array): Promise<void> {
  remember(name, key);
  if (!canRecord(name)) {
    book.log(
      `${book.host}: "${printable(name)}" cannot be written to known_hosts; the key is remembered for this session only`,
    );
    return;
  }
  try {
    await recordHostKey(book.stateFolder, name, type, key);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    book.log(
      `${book.host}: the host key could not be saved (${printable(why)}); it is remembered for this session only`,
    );
  }
}

function remember(name: string, key: Uint8Array): void {
  const keys = acceptedOnce.get(name) ?? new Set();
  acceptedOnce.set(name, keys.add(base64(key)));
}

/** Forgets keys accepted for this session. */
export function forgetAcceptedKeys(): void {
  acceptedOnce.clear();
}

function place(book: HostKeyBook, entry: KnownHost): KeyPlace {
  return { file: entry.file, line: entry.line, system: book.settings.globalKnownHosts.includes(entry.file) };
}

function base64(key: Uint8Array): string {
  return Buffer.from(key).toString("base64");
}
