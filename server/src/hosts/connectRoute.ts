import { describeHost } from "./connectHop";
import { parseDestination } from "./destination";
import { unsupported } from "./failures";
import { type HostSettings, type ResolveOptions, resolveSettings } from "./sshConfig";

const maxHops = 8;

/**
 * The hosts to go through to `destination`, itself last, as the ssh configuration says it. Each has its own settings; the first
 * jump host may need a jump host itself. Throws HostError.
 */
export async function routeTo(destination: string, options: ResolveOptions): Promise<readonly HostSettings[]> {
  const target = await resolveSettings(parseDestination(destination), options);
  const route = [target];
  for (let first = target; ; ) {
    // ssh looks at ProxyJump only where there is no ProxyCommand.
    if (first.proxyJump === null || first.proxyCommand !== null) return route;
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
        describeHost(first),
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
