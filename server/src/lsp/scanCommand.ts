import { type CancellationToken, type Connection, MessageType } from "vscode-languageserver/node";
import { HostError } from "../hosts/port";
import type { HostConnections } from "../service/reaching";
import { scanNotes } from "../service/scanNotes";
import { scan } from "../service/scanning";
import { stateFolder } from "../service/stateFolder";
import type { Tidemark } from "../service/tidemark";
import { unreadNote } from "../service/unread";
import type { ClientSupport } from "./capabilities";
import { nameOf } from "./convert";
import { beginProgress } from "./progress";
import { editorPrompter, tell } from "./prompts";
import { type ScanOutcome, StatusMethod, type StatusParams } from "./protocol";

export interface ScanContext {
  readonly connection: Connection;
  readonly service: Tidemark;
  readonly support: ClientSupport;
  /** Hosts are asked more than once: their connections are kept for a while. */
  readonly connections: HostConnections;
  /** Scans under way, by host. */
  readonly running: Map<string, Promise<ScanOutcome>>;
  /** Findings changed: the scan is there. */
  readonly changed: () => void;
}

/** Runs one scan of a host with cancellable progress; asked twice, both wait for the same, which the first may cancel. */
export function runScan(context: ScanContext, argument: unknown, token: CancellationToken): Promise<ScanOutcome> {
  const given = typeof argument === "object" && argument !== null ? (argument as Record<string, unknown>) : {};
  const host = given["host"];
  if (typeof host !== "string" || host === "") {
    const message = "No host was given. Select one first.";
    return Promise.resolve({ ok: false, host: "", recommended: 0, since: null, message });
  }
  const from = typeof given["uri"] === "string" ? nameOf(given["uri"]) : null;
  const known = context.running.get(host);
  if (known !== undefined) return known;
  const outcome = scanOnce(context, host, from, token).finally(() => context.running.delete(host));
  context.running.set(host, outcome);
  return outcome;
}

async function scanOnce(
  context: ScanContext,
  host: string,
  from: string | null,
  token: CancellationToken,
): Promise<ScanOutcome> {
  const { connection, service, support } = context;
  const failed = (message: string | null): ScanOutcome => {
    if (message !== null) tell(connection, MessageType.Error, message);
    // A scan the user cancelled is no failure: things are as they were before.
    const before = service.hosts.scannedAt(host) !== null ? "ready" : message === null ? "forgotten" : "failed";
    sendStatus(context, host, before);
    return { ok: false, host, recommended: 0, since: null, message };
  };
  if (!support.trusted)
    return failed(`${host} was not contacted: this workspace is not trusted. Trust it, then scan again.`);
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const shown = { title: `Scanning ${host}`, message: `connecting to ${host}` };
  const progress = await beginProgress(connection, support, shown, abort);
  sendStatus(context, host, "scanning");
  try {
    const result = await scan({
      host,
      root: null,
      settings: service.settings,
      configured: (known) => service.hosts.keptOn(known, from),
      prompter: editorPrompter(connection, support),
      stateFolder: stateFolder(),
      signal: abort.signal,
      log: (line) => connection.console.info(`${host}: ${line}`),
      onProgress: (message) => progress?.report(message),
      connections: context.connections,
    });
    service.hosts.setScan(host, result, from, Math.floor(Date.now() / 1000));
    const unread = unreadNote(result.unread, 'connect as root, or set "sudo": true for the host in tidemark.hosts');
    for (const note of [...scanNotes(result), ...(unread === null ? [] : [unread])])
      connection.console.info(`${host}: ${note}`);
    const since = service.hosts.sinceLastScan(host);
    if (since !== null) connection.console.info(`${host}: ${since}.`);
    context.changed();
    sendStatus(context, host, "ready");
    return { ok: true, host, recommended: service.hosts.recommendedCount(host), since, message: null };
  } catch (error) {
    if (!(error instanceof HostError)) {
      failed(`The scan of ${host} broke off for a reason of Tidemark's own. The log has more.`);
      throw error;
    }
    connection.console.error(`${host}: ${error.kind}: ${error.message}`);
    return failed(error.kind === "cancelled" ? null : `${error.message} ${error.next}`);
  } finally {
    progress?.done();
  }
}

/** Tells our own client what to show for a host. */
export function sendStatus(
  { connection, service, support }: ScanContext,
  host: string,
  state: StatusParams["state"],
): void {
  if (!support.tidemark) return;
  const recommended = service.hosts.recommendedCount(host);
  const inventory = service.hosts.report(host)?.inventory ?? false;
  const scannedAt = service.hosts.scannedAt(host);
  const params: StatusParams = {
    host,
    state,
    recommended,
    inventory,
    scannedAt,
    since: service.hosts.sinceLastScan(host),
  };
  void connection.sendNotification(StatusMethod, params);
}
