import { printable } from "./failures";
import { HostError } from "./port";

/** Refusals because of a host key. Their words are kept apart because they are the ones that must not be misread. */

/** Where a key is written down. */
export interface KeyPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** True for a file that belongs to the system, on NixOS written by `programs.ssh.knownHosts`. */
  readonly system: boolean;
}

/** A word of a command line a person may copy. For showing only: nothing here is ever run. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function forget(lookup: string, place: KeyPlace): string {
  return place.system
    ? `remove the old key from ${place.file} line ${place.line} (on NixOS: \`programs.ssh.knownHosts\`)`
    : `forget the old key: ssh-keygen -R ${word(lookup)} -f ${word(place.file)}`;
}

export function hostKeyChanged(
  host: string,
  lookup: string,
  place: KeyPlace,
  known: string,
  presented: string,
): HostError {
  return new HostError(
    "host-key-changed",
    `The host key of ${host} has changed, so nothing was sent to it. Known: ${known} (${place.file} line ${place.line}). Presented now: ${presented}.`,
    `Someone may be in between, the machine was reinstalled, or its host keys were lost with an ephemeral root. Compare the fingerprint on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); only if it is the same, ${forget(lookup, place)}`,
  );
}

export function hostKeyRevoked(host: string, place: KeyPlace, presented: string): HostError {
  return new HostError(
    "host-key-revoked",
    `The host key of ${host}, ${presented}, is marked as revoked in ${place.file} line ${place.line}, so nothing was sent to it.`,
    "Do not connect. Give the host a new host key, or ask whoever revoked this one.",
  );
}

export function hostKeyUnknown(host: string, presented: string, reason: string): HostError {
  return new HostError(
    "host-key-unknown",
    `The host key of ${host} is not known (${presented}) and ${reason}.`,
    "Compare the fingerprint on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then accept it, or connect once with ssh in a terminal.",
  );
}

export function hostKeyByAuthority(host: string, place: KeyPlace, presented: string): HostError {
  return new HostError(
    "unsupported",
    `${host} is only trusted through a certificate authority (${place.file} line ${place.line}), which cannot be checked here. Its own key is ${presented}.`,
    "Add the host's own key to known_hosts after comparing it on the machine (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub).",
  );
}

export function knownHostsUnreadable(host: string, file: string, error: unknown): HostError {
  const why = error instanceof Error ? printable(error.message) : "unknown reason";
  return new HostError(
    "host-key-unknown",
    `${file} cannot be read (${why}), so the host key of ${host} cannot be checked.`,
    "Make the file readable, or correct UserKnownHostsFile or GlobalKnownHostsFile in your ssh configuration.",
    { cause: error },
  );
}
