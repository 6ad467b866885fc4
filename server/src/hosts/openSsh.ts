import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Server } from "node:net";
import { startDeadline } from "./connectDeadline";
import { describeHost, type HopOptions } from "./connectHop";
import { connectionFailure, timedOut } from "./failures";
import { acceptedLines, type HostKeyBook, keepHostKey, openHostKeyBook } from "./hostKeyPolicy";
import { fingerprint } from "./knownHosts";
import { readKnownHosts } from "./knownHostsFiles";
import { SshAnswers } from "./openSshAnswers";
import { serveQuestions } from "./openSshAskpass";
import { destinationWords, makeLinks, openSshConfig } from "./openSshConfig";
import { type Link, separateConnection, sharedConnection } from "./openSshConnection";
import { connectFailure, hopOf } from "./openSshFailures";
import { type LoginLog, SshLog } from "./openSshLog";
import { keeperAt, keeperWords, runLogin } from "./openSshMaster";
import { askingEnvironment, createRuntime, type Runtime } from "./openSshRuntime";
import { type HostConnection, HostError } from "./port";
import type { HostSettings } from "./sshConfig";

/** The transport over the machine's own `ssh`: whatever ssh can do, keys on tokens, certificates, ProxyCommand, GSSAPI. */

export interface OpenSshOptions extends HopOptions {
  readonly sshConfigFile?: string;
  /** Whether commands share one connection; where left out, wherever ssh can. */
  readonly share?: boolean;
}

/** A login may take longer than its connection, and a chain longer than one host. */
const loginSeconds = 5;

/**
 * Connects to the last host of `route`. ssh does the work and checks the host keys; its questions go to the prompter, and what a
 * person accepts is kept where the built-in SSH keeps it. Rejects with HostError; nothing is left running or lying about then.
 */
export async function connectOpenSsh(route: readonly HostSettings[], options: OpenSshOptions): Promise<HostConnection> {
  const { stateFolder, log, onEvent } = options;
  const target = route.at(-1);
  if (target === undefined) throw new Error("a connection needs a host");
  const host = describeHost(target);
  const books = await Promise.all(
    route.map((settings) => openHostKeyBook(settings, describeHost(settings), stateFolder, log, onEvent)),
  );
  const runtime = await createRuntime(host);
  const link: Link = { host, log, dispose: () => rmSync(runtime.folder, { recursive: true, force: true }) };
  try {
    const liveMasters = await openMasters(route);
    if (target.controlPath !== null && liveMasters.has(target.controlPath)) {
      log(`${host}: using the connection that is open at ${target.controlPath}`);
      onEvent({ kind: "login", host, by: `the shared connection at ${target.controlPath}` });
      return sharedConnection({ ...link, socket: target.controlPath, keeper: null });
    }
    const { text, links } = openSshConfig(books, runtime, { ...options, liveMasters });
    await makeLinks(links);
    await writeFile(runtime.config, text, { mode: 0o600 });
    await writeFile(
      runtime.sessionKeys,
      books
        .flatMap(acceptedLines)
        .map((line) => `${line}\n`)
        .join(""),
      { mode: 0o600 },
    );
    return await logIn({ route, target, books, runtime, link }, options);
  } catch (error) {
    link.dispose();
    throw error;
  }
}

interface Attempt {
  readonly route: readonly HostSettings[];
  readonly target: HostSettings;
  readonly books: readonly HostKeyBook[];
  readonly runtime: Runtime;
  readonly link: Link;
}

async function logIn(attempt: Attempt, options: OpenSshOptions): Promise<HostConnection> {
  const { route, target, books, runtime, link } = attempt;
  const { host } = link;
  const { log, prompter, signal } = options;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const seconds = route.reduce((sum, { connectTimeout }) => sum + connectTimeout, loginSeconds);
  const deadline = startDeadline(seconds * 1000, () => fail(timedOut(host, seconds)));
  let signed: () => void = () => undefined;
  const sshLog = new SshLog({
    onHostKey: (login) => tellHostKey(hopOf(books, login), login, answers, options),
    onLogin: (login) => {
      const at = hopOf(books, login);
      log(`${at.host}: logged in by ${login.by}`);
      options.onEvent({ kind: "login", host: at.host, by: login.by ?? "" });
    },
    // An agent or a token may ask its owner first.
    onSigning(signing) {
      if (signing) void deadline.pauseFor(() => new Promise<void>((resolve) => (signed = resolve)));
      else signed();
    },
  });
  const answers = new SshAnswers({ books, prompter, log, login: () => sshLog.login, fail });
  let questions: Server | null = null;
  try {
    questions = await serveQuestions(
      runtime.questions,
      (question, gone) => deadline.pauseFor(() => answers.answer(question, AbortSignal.any([gone, signal]))),
      log,
    );
    const share = options.share ?? process.platform !== "win32";
    const environment = askingEnvironment(runtime);
    const common = ["-F", runtime.config, "-v", "-T"];
    const words = share
      ? [...common, ...keeperWords(runtime.master), ...destinationWords(target)]
      : [...common, ...destinationWords(target), "exit 0"];
    log(`${host}: connecting with ssh`);
    const started = await runLogin({
      words,
      environment,
      host,
      signal,
      failed,
      onStderr: (chunk) => sshLog.push(chunk),
    });
    const loggedIn = share ? started.code === 0 : sshLog.login.by !== null;
    if (!loggedIn) throw connectFailure(sshLog, books, answers.wrongPassphrases);
    answers.succeeded();
    await keepAccepted(books, runtime, answers);
    if (!share) {
      const server = questions;
      questions = null;
      const dispose = () => {
        server.close();
        link.dispose();
      };
      return separateConnection({ ...link, dispose, words: [...common, "-E"], target, runtime, environment, books });
    }
    const keeper = await keeperAt(runtime.master);
    if (keeper === null) throw connectFailure(sshLog, books);
    return sharedConnection({
      ...link,
      socket: runtime.master,
      keeper: { pid: keeper, stderr: started.stderr, log: sshLog },
    });
  } catch (error) {
    await keepAccepted(books, runtime, answers);
    if (error instanceof HostError) throw error;
    throw connectionFailure(host, error instanceof Error ? error : new Error(String(error)));
  } finally {
    deadline.stop();
    signed();
    questions?.close();
  }
}

function tellHostKey(
  { host }: HostKeyBook,
  { hostKey, foundIn }: LoginLog,
  answers: SshAnswers,
  { log, onEvent }: OpenSshOptions,
): void {
  const key = hostKey ?? "";
  const asked = answers.accepted.has(key.split(" ")[1] ?? "");
  const status = asked ? "accepted by you" : foundIn === null ? "trusted by ssh" : `known (${foundIn})`;
  log(`${host}: host key ${key} is ${status}`);
  onEvent({ kind: "host-key", host, key, status });
}

/** Keeps what ssh wrote down for this session as long as was said; ssh asks nothing for `accept-new`, and that is for good. */
async function keepAccepted(books: readonly HostKeyBook[], runtime: Runtime, answers: SshAnswers): Promise<void> {
  const written = await readKnownHosts([runtime.sessionKeys], "ssh").catch(() => []);
  for (const { hosts, keyType, key } of written) {
    const book = books.find(({ names }) => names[0] === hosts.toLowerCase());
    if (book === undefined || acceptedLines(book).some((line) => line.endsWith(key.toString("base64")))) continue;
    const until = answers.accepted.get(fingerprint(key)) ?? "always";
    await keepHostKey(book, keyType, key, until);
  }
}

/** Sockets of connections that the user's own ssh keeps open to hosts on the way. */
async function openMasters(route: readonly HostSettings[]): Promise<ReadonlySet<string>> {
  const paths = [...new Set(route.flatMap(({ controlPath }) => (controlPath === null ? [] : [controlPath])))];
  const pids = await Promise.all(paths.map(keeperAt));
  return new Set(paths.filter((_, index) => pids[index] !== null));
}
