import { lookup } from "../../../knowledge/advice";
import { type Step, step, unlessThere } from "./commands";

/** The type of the SSH host key that a path is usually the private part of; null for any other. */
export function hostKeyType(path: string): "ed25519" | "rsa" | "ecdsa" | null {
  const type = /\/ssh_host_(ed25519|rsa|ecdsa)_key$/.exec(path)?.[1];
  return type === "ed25519" || type === "rsa" || type === "ecdsa" ? type : null;
}

/** Whether a file is of no use when it is missing or empty: host keys, the machine id, and what the catalog knows to be a secret. */
export function isNeeded(path: string): boolean {
  return hostKeyType(path) !== null || path === "/etc/machine-id" || lookup(path, null)?.role === "secret";
}

export function makeHostKey(stored: string, type: string): Step | null {
  const words = ["ssh-keygen", "-q", "-t", type, "-N", "", "-f", stored];
  return step(`Makes the key ${stored}, unless something is there.`, ...unlessThere(stored), ...words);
}
