import { HostError, type HostErrorKind } from "./port";

/**
 * The one place where what goes wrong on the way to a host becomes words: what happened, to which host, and what to do next.
 * `host` is always the description for people, e.g. `juni (josh@10.0.0.4:22)`.
 */

/** Text from outside made safe to show: control characters dropped, white space joined, cut at `limit` characters. */
export function printable(text: string, limit = 200): string {
  const clean = text
    .replace(/\p{Cc}+/gu, " ")
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

export function badDestination(text: string, reason: string): HostError {
  return new HostError(
    "bad-destination",
    `"${printable(text, 80)}" is not a destination: ${reason}.`,
    "Write an alias from your ssh configuration, user@host, user@host:port or ssh://user@host:port.",
  );
}

export function cancelled(host: string): HostError {
  return new HostError("cancelled", `Stopped before all of ${host} was read.`, "Run it again when you want to.");
}

export function notAnswered(host: string, what: string): HostError {
  return new HostError("cancelled", `Stopped: no ${what} was given for ${host}.`, "Try again and answer the question.");
}

export function passphraseCancelled(host: string, file: string): HostError {
  return new HostError(
    "passphrase-cancelled",
    `Stopped: no passphrase was given for ${file}, a key for ${host}.`,
    `Try again and type the passphrase, or load the key first: ssh-add ${file}`,
  );
}

export function unreadableConfiguration(host: string, detail: string): HostError {
  return new HostError(
    "unresolvable",
    `The ssh configuration does not say how to reach ${host}: ${printable(detail, 400)}.`,
    `Correct the ssh configuration; \`ssh -G ${host}\` in a terminal shows the same message.`,
  );
}

export function unsupported(host: string, reason: string, next: string): HostError {
  return new HostError("unsupported", `${host} cannot be reached from here: ${reason}.`, next);
}

export function timedOut(host: string, seconds: number): HostError {
  return new HostError(
    "timeout",
    `${host} did not answer within ${seconds} s.`,
    "Check that the machine is on and reachable (network, VPN, firewall). `ConnectTimeout` in your ssh configuration sets how long to wait.",
  );
}

export function dropped(host: string, detail?: string): HostError {
  const why = detail === undefined ? "" : ` (${printable(detail)})`;
  return new HostError(
    "dropped",
    `The connection to ${host} was lost${why}.`,
    "Check the network and that the machine is still running, then try again.",
  );
}

export function closedEarly(host: string): HostError {
  return new HostError(
    "dropped",
    `${host} closed the connection before logging in.`,
    "The SSH server may be busy, still starting, or refusing this address (MaxStartups, fail2ban). Try again in a minute.",
  );
}

export function commandRefused(host: string, detail: string): HostError {
  return new HostError(
    "remote-shell",
    `${host} would not start a command: ${printable(detail)}.`,
    "Check the user's login shell and any ForceCommand, command= or MaxSessions limit in the host's SSH server configuration.",
  );
}

const networkFailures: Readonly<Record<string, readonly [HostErrorKind, string, string]>> = {
  ENOTFOUND: [
    "unresolvable",
    "no address is known for that name",
    "Check the spelling, the HostName in your ssh configuration, and that DNS or the VPN is up.",
  ],
  EAI_AGAIN: [
    "unresolvable",
    "the name could not be looked up",
    "Check that the network and DNS work, then try again.",
  ],
  ECONNREFUSED: [
    "refused",
    "nothing listens on that port",
    "Check the port and that the SSH server runs (NixOS: `services.openssh.enable = true`).",
  ],
  EHOSTUNREACH: ["refused", "there is no route to it", "Check the network or VPN, and that the machine is on."],
  ENETUNREACH: ["refused", "the network is unreachable", "Check the network or VPN."],
  EACCES: ["refused", "this machine does not allow the connection", "Check the local firewall or sandbox."],
  ETIMEDOUT: ["timeout", "it did not answer", "Check that the machine is on and reachable (network, VPN, firewall)."],
};

interface CodedError extends Error {
  readonly code?: unknown;
  readonly level?: unknown;
  readonly errors?: readonly unknown[];
}

/** An error of the socket or of the SSH protocol before login, as a HostError. */
export function connectionFailure(host: string, error: CodedError): HostError {
  const first = error.errors?.find((inner): inner is CodedError => inner instanceof Error);
  const code = [error.code, first?.code].find((value) => typeof value === "string");
  const known = typeof code === "string" ? networkFailures[code] : undefined;
  if (known !== undefined) {
    const [kind, what, next] = known;
    return new HostError(kind, `${host} cannot be reached: ${what}.`, next, { cause: error });
  }
  if (code === "ECONNRESET" || code === "EPIPE") return closedEarly(host);
  if (error.level === "protocol" && error.message.startsWith("Connection lost")) return closedEarly(host);
  if (/no matching/i.test(error.message)) {
    return unsupported(
      host,
      `no cryptographic method in common (${printable(error.message)})`,
      "Allow one of the usual methods in the host's SSH server configuration (NixOS: `services.openssh.settings`).",
    );
  }
  return new HostError(
    "protocol",
    `${host} does not speak SSH as expected: ${printable(error.message)}.`,
    "Check that the port belongs to an SSH server; `ssh -v` to the same host shows more.",
    { cause: error },
  );
}

/** `jump` could not open the way to `host`; `detail` is its own words. */
export function jumpRefused(host: string, jump: string, detail: string): HostError {
  return new HostError(
    "refused",
    `${jump} could not connect on to ${host}: ${printable(detail)}.`,
    "Check that the jump host can reach it and allows forwarding (AllowTcpForwarding).",
  );
}

/** How a login was tried, for messages. Never holds a secret. */
export interface AuthRecord {
  /** `key /home/josh/.ssh/id_ed25519`, `password`. */
  readonly tried: readonly string[];
  /** Keys left out, each with the reason. */
  readonly skipped: readonly string[];
  /** What the host accepts, as it says itself. */
  readonly offered: readonly string[];
}

export function authFailed(host: string, record: AuthRecord, detail?: string): HostError {
  const parts = [`${host} did not accept the login`];
  if (detail !== undefined) parts.push(` (${printable(detail)})`);
  parts.push(`. Tried: ${record.tried.length > 0 ? record.tried.join(", ") : "nothing, there was nothing to try"}.`);
  if (record.offered.length > 0) parts.push(` The host accepts: ${printable(record.offered.join(", "))}.`);
  if (record.skipped.length > 0) parts.push(` Left out: ${record.skipped.join("; ")}.`);
  const many = detail !== undefined && /too many/i.test(detail);
  return new HostError(
    "auth-failed",
    parts.join(""),
    many
      ? "Too many keys were offered: set `IdentityFile` and `IdentitiesOnly yes` for this host in your ssh configuration."
      : "Check the user name, and that the host has your public key in authorized_keys (NixOS: `users.users.<name>.openssh.authorizedKeys.keys`).",
  );
}

export function onlyUnsupportedLogins(host: string, record: AuthRecord): HostError {
  const reason =
    record.skipped.length > 0
      ? `the keys for it cannot be used here (${record.skipped.join("; ")})`
      : `it only accepts logins by ${printable(record.offered.join(", "))}`;
  return unsupported(
    host,
    reason,
    "Add an ordinary ed25519 key for this host (ssh-keygen -t ed25519) to your ssh configuration or agent.",
  );
}
