import { createHash, createHmac } from "node:crypto";
import { matchesPattern } from "./sshConfigPattern";

/** known_hosts as data: reading lines and judging a key by them. Pure. Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */

export interface KnownHost {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: "revoked" | "cert-authority" | null;
  /** The host field as written: names and patterns, or one hash. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
}

export type HostKeyVerdict =
  | { readonly kind: "match" | "mismatch" | "revoked" | "ca-only"; readonly entry: KnownHost }
  | { readonly kind: "other-key-type"; readonly entry: KnownHost; readonly knownTypes: readonly string[] }
  | { readonly kind: "unknown" };

const markers: Readonly<Record<string, KnownHost["marker"]>> = {
  "@revoked": "revoked",
  "@cert-authority": "cert-authority",
};

/** The lines that say something; comments and malformed lines are left out. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const fields = line.trim().split(/[ \t]+/);
    let marker: KnownHost["marker"] = null;
    if (fields[0]?.startsWith("@")) {
      marker = markers[fields.shift()?.toLowerCase() ?? ""] ?? null;
      if (marker === null) return [];
    }
    const [hosts = "", keyType = "", encoded = ""] = fields;
    if (hosts === "" || hosts.startsWith("#") || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return [];
    const key = Buffer.from(encoded, "base64");
    return keyTypeOf(key) === keyType ? [{ file, line: index + 1, marker, hosts, keyType, key }] : [];
  });
}

/** The type a public key says of itself, `ssh-ed25519`; null where the bytes are no public key. */
export function keyTypeOf(key: Uint8Array): string | null {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (bytes.length < 5) return null;
  const length = bytes.readUInt32BE(0);
  if (length < 1 || length > 64 || bytes.length <= 4 + length) return null;
  const type = bytes.toString("latin1", 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(type) ? type : null;
}

/** As `ssh-keygen -lf` prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The name a host is filed under: the HostKeyAlias as it is, else the name, with `[…]:port` when the port is not 22. */
export function lookupName(host: string, port: number, alias: string | null): string {
  const name = (alias ?? host).toLowerCase();
  return alias !== null || port === 22 ? name : `[${name}]:${port}`;
}

/** Whether a host field names `name`. One matching negation vetoes the whole line. */
export function namesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  let found = false;
  for (const pattern of hosts.toLowerCase().split(",")) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(name, pattern.slice(1))) return false;
    } else if (matchesPattern(name, pattern)) {
      found = true;
    }
  }
  return found;
}

function matchesHash(field: string, name: string): boolean {
  const match = /^\|1\|([A-Za-z0-9+/]+=*)\|([A-Za-z0-9+/]+=*)$/.exec(field);
  if (match?.[1] === undefined || match[2] === undefined) return false;
  const wanted = createHmac("sha1", Buffer.from(match[1], "base64")).update(name).digest();
  return wanted.equals(Buffer.from(match[2], "base64"));
}

/**
 * What `entries` say of `key` for the host filed under `names[0]`. Further names are other forms ssh also accepts (the name without
 * its port): they can confirm or revoke a key, never contradict it. A revocation decides before anything else.
 */
export function judgeHostKey(entries: readonly KnownHost[], names: readonly string[], key: Uint8Array): HostKeyVerdict {
  const [primary = "", ...others] = names;
  const own = entries.filter((entry) => namesHost(entry.hosts, primary));
  const more = entries.filter((entry) => others.some((name) => namesHost(entry.hosts, name)));
  const same = (entry: KnownHost) => entry.key.equals(key);
  const revoked = [...own, ...more].find((entry) => entry.marker === "revoked" && same(entry));
  if (revoked !== undefined) return { kind: "revoked", entry: revoked };
  const plain = own.filter((entry) => entry.marker === null);
  const match = plain.find(same);
  if (match !== undefined) return { kind: "match", entry: match };
  const type = keyTypeOf(key);
  const mismatch = plain.find((entry) => entry.keyType === type);
  if (mismatch !== undefined) return { kind: "mismatch", entry: mismatch };
  const [other] = plain;
  if (other !== undefined) return { kind: "other-key-type", entry: other, knownTypes: typesOf(plain) };
  const confirmed = more.find((entry) => entry.marker === null && same(entry));
  if (confirmed !== undefined) return { kind: "match", entry: confirmed };
  const authority = own.find((entry) => entry.marker === "cert-authority");
  return authority === undefined ? { kind: "unknown" } : { kind: "ca-only", entry: authority };
}

/** Key types written down for a host, to be asked for first: a host has several keys and shows the one we ask for. */
export function knownKeyTypes(entries: readonly KnownHost[], names: readonly string[]): readonly string[] {
  return typesOf(
    entries.filter((entry) => entry.marker === null && names.some((name) => namesHost(entry.hosts, name))),
  );
}

function typesOf(entries: readonly KnownHost[]): readonly string[] {
  return [...new Set(entries.map((entry) => entry.keyType))];
}
