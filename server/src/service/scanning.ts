import type { HostScan } from "../hosts/model";
import type { ConfiguredPaths } from "../hosts/readDeployed";
import { type ScanOptions, scanHost } from "../hosts/scanHost";
import { normalise } from "../persistence/paths";
import { knownState, mayHoldState } from "../scan/outline";
import { visible } from "../syntax/visible";
import { type ReachRequest, reach } from "./reaching";

export interface ScanRequest extends ReachRequest {
  /** Folder of the host to scan as if it were `/`; null for what the settings say. */
  readonly root: string | null;
  /** The only folder to look for older roots in; left out for what the settings say. */
  readonly snapshots?: string;
  /** Whether sudo is used, see Settings; left out for what the settings say. */
  readonly sudo?: boolean;
  /** What the configuration keeps there, see ScanOptions. */
  readonly configured: NonNullable<ScanOptions["configured"]>;
  readonly onProgress: (message: string) => void;
}

/** Connects, reads the host, and leaves the connection. Rejects with HostError. */
export async function scan(request: ScanRequest): Promise<HostScan> {
  const { host, settings, signal, log, onProgress } = request;
  const configured = settings.hosts[host];
  const root = request.root ?? configured?.root ?? null;
  const snapshots = request.snapshots ?? configured?.snapshots ?? null;
  const sudo = request.sudo ?? configured?.sudo ?? null;
  onProgress(`connecting to ${host}`);
  let known = "";
  const { connection, about: via } = await reach(request);
  try {
    const result = await scanHost(connection, {
      host,
      ...(sudo === false ? { sudo: "never" } : {}),
      ...(sudo === true ? { sudo: request.prompter } : {}),
      configured: (known) => withStorage(request.configured(known), configured?.storage ?? null),
      signal,
      log,
      ...(root === null ? {} : { root }),
      ...(snapshots === null ? {} : { snapshots }),
      firstLook: {
        holds: mayHoldState,
        onRead: (outline) => {
          known = foundSoFar(knownState(outline));
          log(`first look: ${known === "" ? "no known state" : known}`);
        },
      },
      onProgress: ({ phase, paths }) =>
        onProgress(
          `${phase === "reading" ? "reading" : "comparing with the older root,"} ${paths.toLocaleString("en")} paths${known === "" ? "" : `; so far: ${known}`}`,
        ),
    });
    return via === undefined ? result : { ...result, via };
  } finally {
    connection.close();
  }
}

/** What a scan under way has come across, in few words. */
function foundSoFar(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => visible(path));
  const more = paths.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more known to hold state` : ""}`;
}

/** A storage that the settings name is looked at besides those of the configuration. */
function withStorage(paths: ConfiguredPaths, storage: string | null): ConfiguredPaths {
  return storage === null || !storage.startsWith("/")
    ? paths
    : { ...paths, storages: [...new Set([...paths.storages, normalise(storage)])] };
}
