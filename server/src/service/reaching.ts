import { connect } from "../hosts/connect";
import type { Connections, Lease } from "../hosts/connections";
import type { HostScan } from "../hosts/model";
import type { ConnectEvent, Log, Prompter } from "../hosts/port";
import type { Settings } from "./settings";

export interface ReachRequest {
  /** A name from the settings, an ssh alias, or `user@host[:port]`. */
  readonly host: string;
  readonly settings: Settings;
  readonly prompter: Prompter;
  /** Where Tidemark keeps the host keys a person accepted for good. */
  readonly stateFolder: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Told what happens on the way; of a connection that is kept nothing happens. */
  readonly onEvent?: (event: ConnectEvent) => void;
  /** Where connections are kept for the next use; without it one is closed after its use. */
  readonly connections?: HostConnections;
}

/** How a connection came about. */
export type Via = HostScan["via"];
export type HostConnections = Connections<Via>;

/** Connects to a host, or takes the connection that is kept. Whoever asked closes it. Rejects with HostError. */
export async function reach(request: ReachRequest): Promise<Lease<Via>> {
  const { host, settings, connections } = request;
  const destination = settings.hosts[host]?.destination ?? host;
  const open = async () => {
    let about: Via;
    const connection = await connect(destination, {
      prompter: request.prompter,
      stateFolder: request.stateFolder,
      signal: request.signal,
      log: request.log,
      client: settings.sshClient,
      onEvent(event) {
        if (event.kind === "client") about = { client: event.client, reason: event.reason };
        request.onEvent?.(event);
      },
      ...(settings.sshConfigFile === null ? {} : { sshConfigFile: settings.sshConfigFile }),
    });
    return { connection, about };
  };
  if (connections === undefined) return { ...(await open()), reused: false };
  const lease = await connections.lease(
    JSON.stringify([destination, settings.sshClient, settings.sshConfigFile]),
    open,
  );
  if (lease.reused) request.log(`using the connection to ${lease.connection.description} that is open`);
  return lease;
}
