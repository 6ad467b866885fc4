import {
  authFailed,
  closedEarly,
  commandRefused,
  connectionFailure,
  dropped,
  jumpRefused,
  timedOut,
  unreadableConfiguration,
  unsupported,
} from "./failures";
import { hostKeyChanged, hostKeyRevoked, hostKeyUnknown, type KeyPlace } from "./failuresHostKey";
import type { HostKeyBook } from "./hostKeyPolicy";
import { fingerprint, type KnownHost, namesHost } from "./knownHosts";
import type { LoginLog, SshLog } from "./openSshLog";
import { HostError } from "./port";

/** What ssh says when it gives up, in the same words for people as the built-in SSH uses. */

const networkCodes: readonly (readonly [RegExp, string])[] = [
  [/refused/i, "ECONNREFUSED"],
  [/no route to host|host is (?:down|unreachable)/i, "EHOSTUNREACH"],
  [/network is unreachable/i, "ENETUNREACH"],
  [/permission denied|not permitted/i, "EACCES"],
];

/**
 * The failure of a connection attempt, from what ssh printed. `books` belong to the hosts on the way, the destination's last;
 * `wrongPassphrases` are key files that a person could not open.
 */
export function connectFailure(
  log: SshLog,
  books: readonly HostKeyBook[],
  wrongPassphrases: ReadonlySet<string> = new Set(),
): HostError {
  const { login, messages } = log;
  const book = hopOf(books, login);
  const { host } = book;
  for (const line of messages) {
    const known = failureOf(line, books, host);
    if (known !== null) return known;
  }
  if (messages.some((line) => /^Host key verification failed/.test(line))) return hostKeyFailure(book, login.hostKey);
  const denied = messages.find((line) => /Permission denied \(|Too many authentication failures/i.test(line));
  if (denied !== undefined) {
    const offered = /Permission denied \(([^)]*)\)/.exec(denied)?.[1]?.split(",") ?? login.offered;
    const many = /too many authentication failures/i.test(denied) ? "too many authentication failures" : undefined;
    const tried = login.tried.map((what) =>
      wrongPassphrases.has(what.slice(4)) ? `${what} (wrong passphrase)` : what,
    );
    return authFailed(host, { tried, skipped: [], offered }, many);
  }
  const invalid = messages.find((line) => /invalid format|protocol version|Protocol mismatch|bad packet/i.test(line));
  if (invalid !== undefined) return connectionFailure(host, new Error(invalid));
  const closed = messages.find((line) =>
    /^(?:Connection (?:closed|reset)|kex_exchange|ssh_exchange|banner)/.test(line),
  );
  const proxied = books.find(({ settings }) => settings.proxyCommand !== null);
  if (closed !== undefined && proxied !== undefined && login.hostKey === null)
    return proxyCommandEnded(proxied.host, messages);
  if (closed !== undefined) return login.hostKey === null ? closedEarly(host) : dropped(host, "while logging in");
  return new HostError(
    "protocol",
    `ssh could not connect to ${host}${messages.length > 0 ? `: ${messages.slice(-2).join(" ")}` : ", and does not say why"}.`,
    "Try `ssh -v` to the same host in a terminal; it shows each step.",
  );
}

function failureOf(line: string, books: readonly HostKeyBook[], host: string): HostError | null {
  const name = /^ssh: Could not resolve hostname ([^\s:]+): (.*)$/i.exec(line);
  if (name !== null)
    return networkFailure(
      bookOf(books, name[1] ?? null, null),
      /temporary/i.test(name[2] ?? "") ? "EAI_AGAIN" : "ENOTFOUND",
      line,
    );
  const refused = /^ssh: connect to host (\S+) port (\d+): (.*)$/.exec(line);
  if (refused !== null) {
    const book = bookOf(books, refused[1] ?? null, Number(refused[2]));
    const code = networkCodes.find(([pattern]) => pattern.test(refused[3] ?? ""))?.[1];
    if (code !== undefined) return networkFailure(book, code, line);
    if (/timed out/i.test(refused[3] ?? "")) return timedOut(book.host, book.settings.connectTimeout);
    return connectionFailure(book.host, new Error(refused[3]));
  }
  const slow = /timed out during banner exchange|^Connection to (\S+) port (\d+) timed out/.exec(line);
  if (slow !== null) {
    const book = bookOf(books, slow[1] ?? null, Number(slow[2]));
    return timedOut(book.host, book.settings.connectTimeout);
  }
  const noMatch = /^Unable to negotiate .*?(no matching .*)$/.exec(line)?.[1];
  if (noMatch !== undefined) return connectionFailure(host, new Error(noMatch));
  const bad = /Bad configuration option|terminating, \d+ bad|Bad owner or permissions on/.test(line);
  if (bad) return unreadableConfiguration(books.at(-1)?.settings.alias ?? host, line);
  const open = /^channel \d+: open failed: (.*)$/.exec(line)?.[1];
  const [last, before] = [books.at(-1), books.at(-2)];
  if (open !== undefined && last !== undefined && before !== undefined)
    return jumpRefused(last.host, before.host, open);
  return null;
}

function networkFailure(book: HostKeyBook, code: string, line: string): HostError {
  return connectionFailure(book.host, Object.assign(new Error(line), { code }));
}

/** The host that is being logged in to. */
export function hopOf(books: readonly HostKeyBook[], { address, port }: LoginLog): HostKeyBook {
  return bookOf(books, address, port);
}

/** The host a line speaks of: by address and port, by address, else the destination. */
function bookOf(books: readonly HostKeyBook[], address: string | null, port: number | null): HostKeyBook {
  const named = books.filter(({ settings }) => settings.hostName.toLowerCase() === address?.toLowerCase());
  const book = named.find(({ settings }) => settings.port === port) ?? named.at(-1) ?? books.at(-1);
  if (book === undefined) throw new Error("a connection needs a host");
  return book;
}

function proxyCommandEnded(host: string, messages: readonly string[]): HostError {
  const said = messages.find((line) => !/^(?:Connection|kex_|ssh_exchange|banner|OpenSSH_)/.test(line));
  return new HostError(
    "refused",
    `The ProxyCommand for ${host} ended before the host answered${said === undefined ? "" : `: ${said}`}.`,
    "Run the ProxyCommand of your ssh configuration by hand to see what it lacks.",
  );
}

/** A host key was refused. `presented`: `ssh-ed25519 SHA256:…`. */
function hostKeyFailure(book: HostKeyBook, presented: string | null): HostError {
  const { host, settings, entries, names } = book;
  const shown = presented ?? "not shown";
  const [type = "", print = ""] = shown.split(" ");
  const named = entries.filter((entry) => names.some((name) => namesHost(entry.hosts, name)));
  const same = (entry: KnownHost) => fingerprint(entry.key) === print;
  const place = ({ file, line }: KnownHost): KeyPlace => ({
    file,
    line,
    system: settings.globalKnownHosts.includes(file),
  });
  const revoked = named.find((entry) => entry.marker === "revoked" && same(entry));
  if (revoked !== undefined) return hostKeyRevoked(host, place(revoked), shown);
  // ssh refuses a key of a new type as well where the host is known by others.
  const plain = entries.filter((entry) => entry.marker === null && namesHost(entry.hosts, names[0] ?? ""));
  const other = plain.find((entry) => entry.keyType === type) ?? plain[0];
  if (other !== undefined && !plain.some(same)) {
    const known = `${other.keyType} ${fingerprint(other.key)}`;
    return hostKeyChanged(host, names[0] ?? "", place(other), known, shown);
  }
  const strict = settings.strictHostKeyChecking === "yes";
  return hostKeyUnknown(
    host,
    shown,
    strict ? "StrictHostKeyChecking is `yes`, so it is not asked about" : "it was not accepted",
  );
}

/** A command that ended because ssh, not the host, had trouble; null where the trouble was the command's own. */
export function execFailure(host: string, stderr: string): HostError | null {
  const trouble = /^(?:mux_client_\w+: |ControlSocket |Connection closed by UNKNOWN|.*session request failed: )(.*)$/m;
  const said = trouble.exec(stderr);
  return said === null ? null : commandRefused(host, said[0]);
}

export function noSshProgram(host: string, detail: string): HostError {
  return unsupported(host, `the ssh program cannot be started (${detail})`, "Install OpenSSH, or put it into PATH.");
}
