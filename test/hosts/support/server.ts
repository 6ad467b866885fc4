import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import {
  type AuthContext,
  type AuthenticationType,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
  Server,
  type ServerChannel,
  type TcpipRequestInfo,
  utils,
} from "ssh2";
import { makeKey } from "../../lib/keys.mjs";

/** A real SSH server inside the test process: real key exchange, real logins, commands run by a real /bin/sh. */

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** One question of a keyboard-interactive login and the answer that lets in. */
export interface Question {
  readonly prompt: string;
  readonly echo: boolean;
  readonly answer: string;
}

export interface ServerOptions {
  readonly hostKey?: KeyPair;
  /** More host keys, of other types. */
  readonly moreHostKeys?: readonly KeyPair[];
  readonly user?: string;
  /** Public keys in OpenSSH form. */
  readonly authorizedKeys?: readonly string[];
  readonly password?: string;
  readonly questions?: readonly Question[];
  /** Lets everyone in without a login. */
  readonly open?: boolean;
  /** After a good key, a password is wanted as well. */
  readonly keyThenPassword?: boolean;
  /** Instead of running the command with /bin/sh. */
  readonly onExec?: (command: string, channel: ServerChannel) => void;
  /** `socket`: accepts TCP and says nothing. `login`: never answers a login. `refuse-exec`, `refuse-forward`: says no. */
  readonly fault?: "socket" | "login" | "refuse-exec" | "refuse-forward";
  /** Closes the TCP connection after this many bytes were sent on it. */
  readonly cutAfter?: number;
}

export interface TestServer {
  readonly port: number;
  readonly hostKey: KeyPair;
  /** Logins as the server saw them: `none`, `publickey ask`, `publickey sign`, `password`, `keyboard-interactive`. */
  readonly logins: readonly string[];
  readonly commands: readonly string[];
  /** Signals that arrived for commands. */
  readonly signals: readonly string[];
  /** Where direct-tcpip channels went. */
  readonly forwards: readonly string[];
  readonly openSockets: () => number;
  readonly runningCommands: () => number;
  /** Drops every connection without a word. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
}

export function newKey(type: "ed25519" | "rsa" | "ecdsa" = "ed25519", comment = "test"): KeyPair {
  if (type === "rsa") return utils.generateKeyPairSync("rsa", { bits: 2048, comment });
  if (type === "ecdsa") return utils.generateKeyPairSync("ecdsa", { bits: 256, comment });
  return makeKey(comment);
}

export function encryptedKey(passphrase: string): KeyPair {
  const pair = () =>
    utils.generateKeyPairSync("ed25519", { passphrase, cipher: "aes256-ctr", rounds: 2, comment: "test" });
  // See makeKey: one pair in 256 is broken.
  let made = pair();
  while (utils.parseKey(made.private, passphrase) instanceof Error) made = pair();
  return made;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const hostKey = options.hostKey ?? newKey();
  const state = {
    logins: [] as string[],
    commands: [] as string[],
    signals: [] as string[],
    forwards: [] as string[],
    sockets: new Set<Socket>(),
    children: new Set<ChildProcess>(),
  };
  const hostKeys = [hostKey, ...(options.moreHostKeys ?? [])].map((key) => key.private);
  const ssh = new Server({ hostKeys }, (client) => serve(client, options, state));
  const tcp = createServer((socket) => {
    state.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => state.sockets.delete(socket));
    if (options.cutAfter !== undefined) cutAfter(socket, options.cutAfter);
    if (options.fault === "socket") socket.resume();
    else ssh.injectSocket(socket);
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const cut = () => {
    for (const socket of state.sockets) socket.destroy();
  };
  return {
    port: (tcp.address() as AddressInfo).port,
    hostKey,
    logins: state.logins,
    commands: state.commands,
    signals: state.signals,
    forwards: state.forwards,
    openSockets: () => state.sockets.size,
    runningCommands: () => state.children.size,
    cut,
    stop: async () => {
      cut();
      for (const child of state.children) kill(child, "SIGKILL");
      tcp.close();
      await once(tcp, "close");
    },
  };
}

function cutAfter(socket: Socket, bytes: number): void {
  const write = socket.write.bind(socket);
  socket.write = ((chunk: Uint8Array, ...rest: never[]) => {
    if (socket.bytesWritten > bytes) socket.destroy();
    return write(chunk, ...rest);
  }) as typeof socket.write;
}

interface State {
  readonly logins: string[];
  readonly commands: string[];
  readonly signals: string[];
  readonly forwards: string[];
  readonly children: Set<ChildProcess>;
}

function serve(client: Connection, options: ServerOptions, state: State): void {
  client.on("error", () => undefined);
  const login = createLogin(options, state.logins);
  client.on("authentication", login);
  client.on("tcpip", (accept, reject, info) => {
    state.forwards.push(`${info.destIP}:${info.destPort}`);
    if (options.fault === "refuse-forward") reject();
    else forward(accept, reject, info);
  });
  client.on("session", (accept) => {
    const session = accept();
    let child: ChildProcess | null = null;
    // The library stops listening once the command's input has ended; a real server still takes signals then.
    session.on("eof", () => Object.assign(session, { _ending: false }));
    session.on("signal", (_accept, _reject, info) => {
      state.signals.push(info.name);
      if (child !== null) kill(child, info.name === "TERM" ? "SIGTERM" : "SIGKILL");
    });
    session.on("exec", (acceptExec, rejectExec, { command }) => {
      state.commands.push(command);
      if (options.fault === "refuse-exec") {
        rejectExec();
        return;
      }
      const channel = acceptExec();
      channel.on("error", () => undefined);
      if (options.onExec !== undefined) options.onExec(command, channel);
      else child = runShell(command, channel, state.children);
    });
  });
}

function createLogin(options: ServerOptions, logins: string[]): (context: AuthContext) => void {
  const keys = (options.authorizedKeys ?? []).map((text) => publicKey(text));
  let keyAccepted = false;
  const methods = (): AuthenticationType[] => [
    ...(options.authorizedKeys === undefined || keyAccepted ? [] : (["publickey"] as const)),
    ...(options.questions === undefined ? [] : (["keyboard-interactive"] as const)),
    ...(options.password === undefined || (options.keyThenPassword === true && !keyAccepted)
      ? []
      : (["password"] as const)),
  ];
  return (context) => {
    if (options.fault === "login") return;
    const signed = context.method === "publickey" && context.signature !== undefined;
    logins.push(context.method === "publickey" ? `publickey ${signed ? "sign" : "ask"}` : context.method);
    const right = options.user === undefined || context.username === options.user;
    if (context.method === "none" && options.open === true) context.accept();
    else if (!right) context.reject(methods());
    else if (context.method === "password" && context.password === options.password) context.accept();
    else if (context.method === "publickey" && isAccepted(keys, context)) {
      keyAccepted = signed && options.keyThenPassword === true;
      if (keyAccepted) context.reject(methods(), true);
      else context.accept();
    } else if (context.method === "keyboard-interactive" && options.questions !== undefined) {
      const { questions } = options;
      context.prompt(
        questions.map(({ prompt, echo }) => ({ prompt, echo })),
        (answers) => {
          const good = questions.every(({ answer }, index) => answers[index] === answer);
          if (good) context.accept();
          else context.reject(methods());
        },
      );
    } else context.reject(methods());
  };
}

function publicKey(text: string): ParsedKey {
  const key = utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

function isAccepted(keys: readonly ParsedKey[], context: PublicKeyAuthContext): boolean {
  const key = keys.find((known) => known.getPublicSSH().equals(context.key.data));
  if (key === undefined) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function forward(accept: () => ServerChannel, reject: () => void, { destIP, destPort }: TcpipRequestInfo): void {
  const socket = connect(destPort, destIP);
  socket.once("error", () => reject());
  socket.once("connect", () => {
    const channel = accept();
    socket.removeAllListeners("error").on("error", () => channel.close());
    channel.on("error", () => undefined).on("close", () => socket.destroy());
    socket.on("close", () => channel.close());
    channel.pipe(socket).pipe(channel);
  });
}

function runShell(command: string, channel: ServerChannel, children: Set<ChildProcess>): ChildProcess {
  const child = spawn("/bin/sh", ["-c", command], { detached: true, env: { PATH: "/usr/bin:/bin" } });
  children.add(child);
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // As sshd does: a command whose channel is gone finds its streams closed.
  channel.on("close", () => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
  child.on("close", (code, signal) => {
    children.delete(child);
    if (code !== null) channel.exit(code);
    else channel.exit(signal?.replace(/^SIG/, "") ?? "KILL");
    channel.end();
  });
  return child;
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}
