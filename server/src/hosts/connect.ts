import { type ClientWish, chooseClient } from "./clientChoice";
import { describeHost, type HopOptions } from "./connectHop";
import { routeTo } from "./connectRoute";
import { connectSsh2 } from "./connectSsh2";
import { parseDestination } from "./destination";
import { cancelled } from "./failures";
import { isThisMachine, localConnection } from "./local";
import { connectOpenSsh } from "./openSsh";
import { type ClientName, type ConnectEvent, type HostConnection, HostError, type Log, type Prompter } from "./port";

export interface ConnectOptions {
  /** Instead of the user's and the system's ssh configuration. */
  readonly sshConfigFile?: string;
  /** Which SSH to use; `auto` where left out. */
  readonly client?: ClientWish;
  readonly prompter: Prompter;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Our own folder: `known_hosts` with the keys accepted for good is written there. */
  readonly stateFolder: string;
  /** Told what happens on the way. */
  readonly onEvent?: (event: ConnectEvent) => void;
}

/**
 * Connects to `destination` as the user's ssh configuration says, jump hosts included: an alias, `user@host`, `user@host:port`,
 * `ssh://…`, or `local` for this machine without SSH. Every host key on the way is checked before anything else is sent.
 * Rejects with HostError.
 */
export async function connect(destination: string, options: ConnectOptions): Promise<HostConnection> {
  const { log, signal } = options;
  const onEvent = options.onEvent ?? (() => undefined);
  const use = (client: ClientName, reason: string) => {
    log(`${destination}: ${clientTitles[client]}: ${reason}`);
    onEvent({ kind: "client", client, reason });
  };
  if (isThisMachine(destination)) {
    if (signal.aborted) throw cancelled(destination);
    use("local", "the host is this machine");
    return localConnection();
  }
  parseDestination(destination);
  if (signal.aborted) throw cancelled(destination);
  const route = await routeTo(destination, options);
  const files = [...new Set(route.flatMap((settings) => settings.configFiles))];
  const source = route.every((settings) => settings.source === "ssh") ? "ssh" : "files";
  const compressed = route.at(-1)?.compression === true;
  onEvent({ kind: "resolved", hops: route.map(describeHost), files, source, compressed });
  const { client, reason, fallback } = await chooseClient(options.client ?? "auto", route, options);
  use(client, reason);
  const hop = guarded({ ...options, onEvent }, route.map(describeHost).at(-1) ?? destination);
  if (client === "openssh") return connectOpenSsh(route, { ...hop, ...configOf(options) });
  try {
    return await connectSsh2(route, hop);
  } catch (error) {
    // What only shows on the way (algorithms, keys of an agent) may still be something that ssh can do.
    if (!(fallback && error instanceof HostError && error.kind === "unsupported")) throw error;
    use("openssh", `the built-in SSH could not: ${error.message}`);
    return connectOpenSsh(route, { ...hop, ...configOf(options) });
  }
}

const clientTitles: Readonly<Record<ClientName, string>> = {
  ssh2: "using the built-in SSH",
  openssh: "using the ssh program",
  local: "no SSH needed",
};

function configOf({ sshConfigFile }: ConnectOptions): { readonly sshConfigFile?: string } {
  return sshConfigFile === undefined ? {} : { sshConfigFile };
}

/** Questions end when the attempt is cancelled, also where the front end goes on showing them. */
function guarded(options: HopOptions, host: string): HopOptions {
  const { prompter, signal } = options;
  const orCancelled = <T>(answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = () => reject(cancelled(host));
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    });
  return {
    ...options,
    prompter: {
      ...prompter,
      confirmHostKey: (evidence, given = signal) => orCancelled(prompter.confirmHostKey(evidence, given)),
      secret: (request, given = signal) => orCancelled(prompter.secret(request, given)),
    },
  };
}
