import { readFile } from "node:fs/promises";
import { type ParsedKey, utils } from "ssh2";
import { passphraseCancelled, printable } from "./failures";
import type { IdentityContext } from "./identities";
import { forgetSecret, rememberedSecret, rememberSecret } from "./identitiesSecrets";

/** Private keys on disk: reading them, and opening encrypted ones. */

/** A key that was opened, or null for one that could not be. */
export interface LoadedKey {
  readonly key: ParsedKey | null;
}

/** A key file is a few kilobytes; more is something else. */
const maxKeyBytes = 1 << 20;
const passphraseTries = 3;

/** The content, null where there is no such file, Error where it cannot be used. */
export async function readKeyFile(file: string): Promise<Buffer | null | Error> {
  try {
    const content = await readFile(file);
    return content.length > maxKeyBytes ? new Error("too large for a key") : content;
  } catch (error) {
    if (!(error instanceof Error)) return new Error(String(error));
    return "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR") ? null : error;
  }
}

/** The parser answers with a list for some formats, against its own types. */
export function parseOne(parsed: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | Error {
  if (!isList(parsed)) return parsed;
  return parsed[0] ?? new Error("no key in it");
}

function isList(parsed: ParsedKey | Error | readonly ParsedKey[]): parsed is readonly ParsedKey[] {
  return Array.isArray(parsed);
}

/**
 * The public key that an OpenSSH private key file carries in the clear, encrypted or not; null for other formats.
 * Layout: PROTOCOL.key of OpenSSH (magic, cipher, kdf, kdf options, count, public key).
 */
export function embeddedPublicKey(content: Buffer): Buffer | null {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(content.toString("latin1"));
  const bytes = Buffer.from(match?.[1] ?? "", "base64");
  const magic = "openssh-key-v1\0";
  if (bytes.toString("latin1", 0, magic.length) !== magic) return null;
  let at = magic.length;
  const next = (): Buffer | null => {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    const value = bytes.subarray(at + 4, end);
    at = end;
    return value;
  };
  if (next() === null || next() === null || next() === null) return null;
  at += 4;
  return next();
}

/**
 * Opens an encrypted key: with a passphrase given earlier, else by asking, three times at most. Null when it stayed closed.
 * Throws HostError `passphrase-cancelled`.
 */
export async function unlock(
  file: { readonly name: string; readonly id: string; readonly content: Buffer },
  { host, prompter, log }: IdentityContext,
): Promise<ParsedKey | null> {
  const earlier = rememberedSecret("passphrase", file.id);
  if (earlier !== undefined) {
    const parsed = parseOne(utils.parseKey(file.content, earlier));
    if (!(parsed instanceof Error)) return parsed;
    forgetSecret("passphrase", file.id);
  }
  for (let tries = 0; tries < passphraseTries; tries++) {
    const prompt = `${tries === 0 ? "" : "Wrong passphrase. "}Passphrase for ${printable(file.name, 300)}`;
    const passphrase = await prompter.secret({ kind: "passphrase", prompt, echo: false });
    if (passphrase === null) throw passphraseCancelled(host, file.name);
    const parsed = parseOne(utils.parseKey(file.content, passphrase));
    if (!(parsed instanceof Error)) {
      rememberSecret("passphrase", file.id, passphrase);
      return parsed;
    }
    log(`${host}: ${file.name} could not be opened (try ${tries + 1} of ${passphraseTries})`);
  }
  return null;
}
