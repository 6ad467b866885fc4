import { constants, publicEncrypt } from "node:crypto";

/**
 * Encrypts a secret for the server (RSA-OAEP, SHA-256), so that neither the log nor a trace of the protocol shows it.
 *
 * @param publicKey SPKI, PEM
 * @returns base64 of the ciphertext
 * @throws when the secret does not fit the key: 190 bytes of UTF-8 for RSA-2048
 */
export function encryptSecret(secret: string, publicKey: string): string {
  const key = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  return publicEncrypt(key, Buffer.from(secret, "utf8")).toString("base64");
}
