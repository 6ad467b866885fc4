import { describeHost, type Hop, type HopOptions, openHop } from "./connectHop";
import { unsupported } from "./failures";
import type { HostConnection } from "./port";
import { createSsh2Connection } from "./ssh2Connection";
import type { HostSettings } from "./sshConfig";

/**
 * Connects over the built-in SSH, jump hosts included. Every host key on the way is checked before anything else is sent.
 * Rejects with HostError.
 */
export async function connectSsh2(route: readonly HostSettings[], options: HopOptions): Promise<HostConnection> {
  const hops: Hop[] = [];
  try {
    for (const settings of route) {
      const host = describeHost(settings);
      if (settings.proxyCommand !== null) {
        throw unsupported(
          host,
          "its ssh configuration uses ProxyCommand, which the built-in SSH does not run",
          "Let the `ssh` program connect (setting `tidemark.ssh.client`: auto or openssh), or use ProxyJump instead.",
        );
      }
      options.log(`${host}: connecting${hops.length > 0 ? ` through ${hops.at(-1)?.host}` : ""}`);
      hops.push(await openHop(settings, hops.at(-1) ?? null, options));
    }
    return createSsh2Connection(hops, options.log);
  } catch (error) {
    for (const hop of hops.reverse()) hop.destroy();
    throw error;
  }
}
