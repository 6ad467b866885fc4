import { describeHost, type Hop, type HopOptions, openHop } from "./connectHop";
import { type Destination, parseDestination } from "./destination";
import { cancelled, unsupported } from "./failures";
import type { HostConnection, Log, Prompter } from "./port";
import { createSsh2Connection } from "./ssh2Connection";
import { type HostSettings, resolveSettings } from "./sshConfig";

export interface ConnectOptions {
  /** Instead of the user's and the system's ssh configuration. */
  readonly sshConfigFile?: string;
  readonly prompter: Prompter;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Our own folder: `known_hosts` with the keys accepted for good is written there. */
  readonly stateFolder: string;
}

const maxHops = 8;

/**
 * Connects to `destination` (an alias, `user@host`, `user@host:port`, `ssh://…`) as the user's ssh configuration says, jump hosts
 * included. Every host key on the way is checked before anything else is sent. Rejects with HostError.
 */
export async function connect(destination: string, options: ConnectOptions): Promise<HostConnection> {
  const target = parseDestination(destination);
  if (options.signal.aborted) throw cancelled(destination);
  const route = await routeTo(target, options);
  const hops: Hop[] = [];
  try {
    for (const settings of route) {
      options.log(`${describeHost(settings)}: connecting${hops.length > 0 ? ` through ${hops.at(-1)?.host}` : ""}`);
      hops.push(await openHop(settings, hops.at(-1) ?? null, guarded(options, describeHost(settings))));
    }
    return createSsh2Connection(hops, options.log);
  } catch (error) {
    for (const hop of hops.reverse()) hop.destroy();
    throw error;
  }
}

/** Questions end when the attempt is cancelled, also where the front end goes on showing them. */
function guarded(options: ConnectOptions, host: string): HopOptions {
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
      confirmHostKey: (evidence) => orCancelled(prompter.confirmHostKey(evidence)),
      secret: (request) => orCancelled(prompter.secret(request)),
    },
  };
}

/** The hosts to go through, the destination last. Each has its own settings; the first jump host may need a jump host itself. */
async function routeTo(destination: Destination, options: ConnectOptions): Promise<readonly HostSettings[]> {
  const target = await resolveSettings(destination, options);
  const route = [target];
  for (let first = target; ; ) {
    const host = describeHost(first);
    if (first.proxyCommand !== null) {
      throw unsupported(
        host,
        "its ssh configuration uses ProxyCommand, which is not run here",
        "Use ProxyJump instead, or an alias without ProxyCommand.",
      );
    }
    if (first.proxyJump === null) return route;
    // The way between jump hosts is given by the chain; only the outermost is reached by its own configuration, as ssh does it.
    const jumps = await Promise.all(
      first.proxyJump.split(",").map((jump) => resolveSettings(parseDestination(jump.trim()), options)),
    );
    const [outermost] = jumps;
    // `Host *` with ProxyJump also matches the jump host itself; ssh does not jump through a host to itself either.
    if (outermost === undefined || jumps.some((jump) => isSame(jump, first))) return route;
    route.unshift(...jumps);
    if (route.length > maxHops) {
      throw unsupported(
        host,
        `its ProxyJump chain is longer than ${maxHops} hosts`,
        "Check ProxyJump for a loop in your ssh configuration.",
      );
    }
    first = outermost;
  }
}

function isSame(one: HostSettings, other: HostSettings): boolean {
  return one.hostName === other.hostName && one.port === other.port && one.user === other.user;
}
