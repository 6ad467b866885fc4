import { connect as connectSocket, type Socket } from "node:net";
import { Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { createLogin, type Login } from "./connectAuth";
import { type Deadline, offTheClock, startDeadline } from "./connectDeadline";
import { hostAndPort } from "./destination";
import {
  authFailed,
  cancelled,
  closedEarly,
  connectionFailure,
  dropped,
  jumpRefused,
  onlyUnsupportedLogins,
  printable,
  timedOut,
} from "./failures";
import { checkHostKey, type HostKeyBook, hostKeyAlgorithms, openHostKeyBook } from "./hostKeyPolicy";
import { fingerprint } from "./knownHosts";
import { type ConnectEvent, HostError, type Log, type Prompter } from "./port";
import type { HostSettings } from "./sshConfig";

/** One SSH login: socket, handshake, host key, authentication. */

export interface HopOptions {
  readonly prompter: Prompter;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly stateFolder: string;
  readonly onEvent: (event: ConnectEvent) => void;
}

/** A logged-in client. */
export interface Hop {
  readonly client: Client;
  /** For people. */
  readonly host: string;
  /** Takes leave and frees the socket. */
  close(): void;
  /** Frees the socket at once. */
  destroy(): void;
}

/** How long a farewell may take to leave this machine, in milliseconds. */
const farewellMs = 2000;

/** `juni (josh@10.0.0.4:22)`. */
export function describeHost(settings: HostSettings): string {
  return `${settings.alias} (${settings.user}@${hostAndPort(settings.hostName, settings.port)})`;
}

/** Logs in to one host, through `via` where there is a jump host. Rejects with HostError, with every socket of its own freed. */
export async function openHop(settings: HostSettings, via: Hop | null, options: HopOptions): Promise<Hop> {
  const host = describeHost(settings);
  const { signal, stateFolder, log } = options;
  const book = await openHostKeyBook(settings, host, stateFolder, log, options.onEvent);
  if (signal.aborted) throw cancelled(host);
  const client = new Client();
  const outcome = settleOnce();
  const onAbort = () => outcome.reject(cancelled(host));
  signal.addEventListener("abort", onAbort, { once: true });
  const expired = () => outcome.reject(timedOut(host, settings.connectTimeout));
  const deadline = startDeadline(settings.connectTimeout * 1000, expired);
  const prompter = offTheClock(options.prompter, deadline);
  const config = prepare(client, { settings, host, book, prompter, deadline, options, ...outcome });
  const stream = via === null ? Promise.resolve(directSocket(settings)) : openChannel(via, settings, host);
  let over = false;
  const begin = (sock: Socket | ClientChannel) => {
    if (!over) client.connect({ ...config, sock });
  };
  stream.then(begin).catch(outcome.reject);
  try {
    await outcome.done;
    const sock = await stream;
    return { client, host, close: () => close(client, sock), destroy: () => discard(client, sock) };
  } catch (error) {
    stream.then((sock) => discard(client, sock)).catch(() => undefined);
    throw error instanceof HostError
      ? error
      : connectionFailure(host, error instanceof Error ? error : new Error(String(error)));
  } finally {
    over = true;
    deadline.stop();
    signal.removeEventListener("abort", onAbort);
  }
}

interface Outcome {
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The first word counts; what a dying connection says after it changes nothing. */
function settleOnce(): Outcome {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { done, resolve, reject };
}

function close(client: Client, socket: Socket | ClientChannel): void {
  client.end();
  if (!("destroySoon" in socket)) return;
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), farewellMs).unref();
  socket.once("close", () => clearTimeout(timer));
}

function discard(client: Client, socket: Socket | ClientChannel): void {
  client.removeAllListeners("error").on("error", () => undefined);
  socket.on("error", () => undefined).destroy();
}

/** Tries every address of a name, each with more patience than Node's default of a quarter of a second. */
function directSocket({ hostName, port, addressFamily }: HostSettings): Socket {
  return connectSocket({
    host: hostName,
    port,
    noDelay: true,
    ...(addressFamily === 0
      ? { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2500 }
      : { family: addressFamily }),
  });
}

function openChannel(via: Hop, { hostName, port }: HostSettings, host: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    via.client.forwardOut("127.0.0.1", 0, hostName, port, (error, channel) => {
      if (error === undefined || error === null) resolve(channel);
      else reject(jumpRefused(host, via.host, error.message.replace("(SSH) Channel open failure: ", "")));
    });
  });
}

interface Attempt {
  readonly settings: HostSettings;
  readonly host: string;
  readonly book: HostKeyBook;
  readonly prompter: Prompter;
  readonly deadline: Deadline;
  readonly options: HopOptions;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Wires the client's events to the attempt and gives the configuration to connect with. */
function prepare(client: Client, attempt: Attempt): ConnectConfig {
  const { settings, host, book, prompter, deadline, options, resolve, reject } = attempt;
  const { log, signal } = options;
  let trusted: Buffer | null = null;
  const passwordId = () =>
    `${settings.user} ${settings.hostName} ${settings.port} ${trusted === null ? "" : fingerprint(trusted)}`;
  const login = createLogin({
    settings,
    host,
    prompter,
    signal,
    log,
    passwordId,
    offTheClock: deadline.pauseFor,
    fail: reject,
  });
  client.on("ready", () => {
    login.succeeded();
    options.onEvent({ kind: "login", host, by: login.record().tried.at(-1) ?? "nothing: the host asks for no login" });
    resolve();
  });
  client.on("error", (error) => {
    if (error.level === "agent") log(`${host}: ${printable(error.message)}`);
    else reject(failure(host, error, login, trusted !== null));
  });
  client.on("close", () => reject(trusted === null ? closedEarly(host) : dropped(host, "while logging in")));
  client.on("change password", () =>
    reject(authFailed(host, login.record(), "it wants a new password: log in once with ssh")),
  );
  return {
    username: settings.user,
    // Deadlines are ours, because they must not run while a person is asked.
    readyTimeout: 0,
    // A host that goes silent is given up after 30 seconds: at the third turn, with no answer to the two before.
    keepaliveInterval: 10_000,
    keepaliveCountMax: 2,
    algorithms: {
      serverHostKey: hostKeyAlgorithms(book),
      cipher: [
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
        "aes128-ctr",
        "aes256-ctr",
      ],
      compress: settings.compression ? ["zlib@openssh.com", "none"] : ["none"],
    },
    authHandler: login.handler,
    // Also called when keys are renegotiated during a connection: then it has to be the same key.
    hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
      if (trusted !== null) {
        verify(trusted.equals(key));
        return;
      }
      checkHostKey(book, key, prompter).then(() => {
        trusted = Buffer.from(key);
        verify(true);
      }, reject);
    },
  };
}

interface ClientError extends Error {
  readonly level?: string;
}

function failure(host: string, error: ClientError, login: Login, handshakeDone: boolean): HostError {
  const record = login.record();
  if (error.level === "client-authentication") {
    const usable = record.offered.some((method) => /^(publickey|password|keyboard-interactive)$/.test(method));
    const onlySkipped = record.tried.length === 0 && record.skipped.length > 0;
    return usable && !onlySkipped ? authFailed(host, record) : onlyUnsupportedLogins(host, record);
  }
  if (handshakeDone && /authentication/i.test(error.message)) return authFailed(host, record, error.message);
  if (handshakeDone) return dropped(host, error.message);
  return connectionFailure(host, error);
}
