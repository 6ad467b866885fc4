import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { test } from "node:test";
import { encryptSecret } from "../../../client/src/secret";

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

function decrypt(answer: string): string {
  const key = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  return privateDecrypt(key, Buffer.from(answer, "base64")).toString("utf8");
}

test("only the holder of the key reads the secret", () => {
  for (const secret of ["", "hunter2", "pässwörd 💣", "x".repeat(190)]) {
    const answer = encryptSecret(secret, publicKey);
    assert.equal(decrypt(answer), secret);
    assert.match(answer, /^[A-Za-z0-9+/]+=*$/);
  }
});

test("the same secret never looks the same twice", () => {
  assert.notEqual(encryptSecret("hunter2", publicKey), encryptSecret("hunter2", publicKey));
});

test("a secret too long for the key is refused", () => {
  assert.throws(() => encryptSecret("x".repeat(191), publicKey));
});
