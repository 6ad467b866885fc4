import { decodeBytes } from "./mountinfo";
import { compareLimits, comparisonOf, comparisonReader } from "./oldRoot";
import type { HostConnection, Log } from "./port";
import { walkFailed } from "./probeFailures";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import type { TreeBuilder } from "./treeBuilder";

export interface CompareOptions {
  readonly builder: TreeBuilder;
  /** The two roots, byte strings. */
  readonly live: string;
  readonly old: string;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
  onDone(files: number): void;
}

/**
 * Settles the files that have the same size and mode in both roots: the host makes digests of both and answers with the
 * names that match; neither contents nor digests leave it. Returns how many were not read because of the limits.
 */
export async function compareContents(connection: HostConnection, options: CompareOptions): Promise<number> {
  const comparison = comparisonOf(options.builder, compareLimits);
  if (comparison.nodes.length === 0) return comparison.skipped;
  const reader = comparisonReader(comparison, options.builder, options.onDone);
  options.onDone(0);
  const { status, result } = await runProbe(connection, {
    task: {
      what: "compare",
      parameters: [options.live, options.old],
      elevate: options.elevate,
      list: comparison.paths,
    },
    signal: options.signal,
    log: options.log,
    onRecord: reader.onRecord,
  });
  // 123: a batch ended with an error, which is that of a file that is gone or unreadable; others did not run to the end.
  if (status !== 0 && status !== 123)
    throw walkFailed(connection.description, decodeBytes(options.old), result, status);
  reader.finish();
  return comparison.skipped;
}
