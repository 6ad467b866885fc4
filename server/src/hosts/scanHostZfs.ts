import { printable } from "./failures";
import { decodeBytes } from "./mountinfo";
import type { HostConnection, Log } from "./port";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import type { Facts } from "./recordsFacts";
import type { Situation } from "./scanHostLayout";
import type { Places } from "./scanHostPlaces";
import type { TreeBuilder } from "./treeBuilder";
import { zfsDiffReader } from "./zfsDiff";

export interface ZfsOptions {
  readonly facts: Facts;
  readonly situation: Situation;
  readonly places: Places;
  readonly builder: TreeBuilder;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Asks zfs what differs from the empty snapshot and marks the tree with it. To be called after the walk, so that whatever the walk saw
 * is told. Returns the snapshot where it was compared with, else null, and what the user should know of it.
 */
export async function compareZfs(
  connection: HostConnection,
  options: ZfsOptions,
): Promise<{ readonly compared: string | null; readonly notes: readonly string[] }> {
  const { facts, situation, places, builder } = options;
  const { zfsBlank } = places;
  const dataset = situation.mounts.find((mount) => mount.mountPoint === "/")?.source;
  if (zfsBlank === null || dataset === undefined) return { compared: null, notes: [] };
  const reader = zfsDiffReader(facts.root);
  const { result } = await runProbe(connection, {
    task: { what: "zfsdiff", parameters: [zfsBlank, dataset], elevate: options.elevate },
    signal: options.signal,
    log: options.log,
    onRecord: reader.onRecord,
  });
  const name = printable(decodeBytes(zfsBlank));
  if (reader.failed) {
    const said = printable(result.stderr);
    const note = `zfs does not say what differs from ${name}${said === "" ? "" : ` (${said})`}, so everything counts as new. Connect as root, or have root run: zfs allow ${printable(facts.login)} diff ${printable(decodeBytes(dataset))}`;
    return { compared: null, notes: [note] };
  }
  reader.apply(builder, places.ephemeral);
  const note = `There is no older root; compared with the snapshot ${name} that the root is rolled back to: what differs is new since boot, and nothing is known of what was lost.`;
  return { compared: decodeBytes(zfsBlank), notes: [note] };
}
