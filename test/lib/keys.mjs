import ssh2 from "ssh2";

/**
 * A fresh ed25519 key pair, `{ private, public }` as OpenSSH writes them, without a passphrase.
 * ssh2 drops leading zero bytes of the public key, so one pair in 256 is broken: that one is made again.
 */
export function makeKey(comment) {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
