import { connect } from "../hosts/connect";
import type { HostScan } from "../hosts/model";
import type { Log, Prompter } from "../hosts/port";
import { scanHost } from "../hosts/scanHost";
import type { Settings } from "./settings";

export interface ScanRequest {
  /** A name from the settings, an ssh alias, or `user@host[:port]`. */
  readonly host: string;
  /** Folder of the host to scan as if it were `/`; null for what the settings say. */
  readonly root: string | null;
  /** Whether sudo is used, see Settings; left out for what the settings say. */
  readonly sudo?: boolean;
  readonly settings: Settings;
  readonly prompter: Prompter;
  /** Where Tidemark keeps the host keys a person accepted for good. */
  readonly stateFolder: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onProgress: (message: string) => void;
}

/** Connects, reads the host, and disconnects. Rejects with HostError. */
export async function scan(request: ScanRequest): Promise<HostScan> {
  const { host, settings, signal, log, onProgress } = request;
  const configured = settings.hosts[host];
  const root = request.root ?? configured?.root ?? null;
  const sudo = request.sudo ?? configured?.sudo ?? null;
  let via: HostScan["via"];
  onProgress(`connecting to ${host}`);
  const connection = await connect(configured?.destination ?? host, {
    prompter: request.prompter,
    stateFolder: request.stateFolder,
    signal,
    log,
    client: settings.sshClient,
    onEvent(event) {
      if (event.kind === "client") via = { client: event.client, reason: event.reason };
    },
    ...(settings.sshConfigFile === null ? {} : { sshConfigFile: settings.sshConfigFile }),
  });
  try {
    const result = await scanHost(connection, {
      host,
      ...(sudo === false ? { sudo: "never" } : {}),
      ...(sudo === true ? { sudo: request.prompter } : {}),
      signal,
      log,
      ...(root === null ? {} : { root }),
      onProgress: ({ phase, paths }) =>
        onProgress(
          `${phase === "reading" ? "reading" : "comparing with the older root,"} ${paths.toLocaleString("en")} paths`,
        ),
    });
    return via === undefined ? result : { ...result, via };
  } finally {
    connection.close();
  }
}
