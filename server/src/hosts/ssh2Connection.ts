import type { Hop } from "./connectHop";
import { dropped, printable } from "./failures";
import type { ExecOptions, ExecResult, HostConnection, HostError, Log } from "./port";
import { runCommand } from "./ssh2ConnectionExec";

/** A HostConnection over logged-in clients, the destination last, the jump hosts it goes through before it. */
export function createSsh2Connection(hops: readonly Hop[], log: Log): HostConnection {
  const target = hops.at(-1);
  if (target === undefined) throw new Error("a connection needs a client");
  const { client, host } = target;
  const running = new Set<(error: HostError) => void>();
  let alive = true;
  let cause: string | undefined;

  const end = () => {
    if (!alive) return;
    alive = false;
    for (const reject of running) reject(dropped(host, cause));
    running.clear();
    for (const hop of [...hops].reverse()) hop.close();
  };
  const lost = (what: string) => {
    if (alive) log(`${host}: connection lost (${what})`);
    cause = what;
    end();
    for (const hop of hops) hop.destroy();
  };
  for (const hop of hops) {
    const where = hop === target ? "" : `${hop.host}: `;
    hop.client.removeAllListeners("error").removeAllListeners("close");
    hop.client.on("error", (error) => lost(where + printable(error.message)));
    hop.client.on("close", () => lost(`${where}closed by the other side`));
  }

  return {
    description: host,
    get alive() {
      return alive;
    },
    async exec(command: string, options: ExecOptions): Promise<ExecResult> {
      if (!alive) throw dropped(host, cause);
      let forget: (() => void) | undefined;
      const untilLost = new Promise<never>((_, reject) => {
        running.add(reject);
        forget = () => running.delete(reject);
      });
      try {
        return await Promise.race([runCommand(client, host, command, options, untilLost), untilLost]);
      } finally {
        forget?.();
      }
    },
    close() {
      if (alive) log(`${host}: connection closed`);
      cause = "it was closed here";
      end();
    },
  };
}
