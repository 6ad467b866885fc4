/**
 * Passphrases and passwords given by a person, kept in the memory of this process so that a second connection does not ask
 * again. Never written anywhere, never logged.
 */
const secrets = new Map<string, string>();

type SecretKind = "passphrase" | "password";

/** `id`: fingerprint or path of a key; user, address and host key of a login. */
export function rememberedSecret(kind: SecretKind, id: string): string | undefined {
  return secrets.get(`${kind} ${id}`);
}

export function rememberSecret(kind: SecretKind, id: string, secret: string): void {
  secrets.set(`${kind} ${id}`, secret);
}

export function forgetSecret(kind: SecretKind, id: string): void {
  secrets.delete(`${kind} ${id}`);
}

export function forgetSecrets(): void {
  secrets.clear();
}
