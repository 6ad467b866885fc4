import { decodeBytes } from "./mountinfo";
import { compareLimits, comparisonOf, comparisonReader } from "./oldRoot";
import type { HostConnection, Log } from "./port";
import { walkFailed } from "./probeFailures";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";
import { settled } from "./settled";
import type { TreeBuilder } from "./treeBuilder";

export interface CompareOptions {
  readonly builder: TreeBuilder;
  /** The two roots, byte strings. */
  readonly live: string;
  readonly old: string;
  /** Parts that are compared side by side. */
  readonly parts: 1 | 2;
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
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const compare = async (list: readonly Uint8Array[]): Promise<void> => {
    const { status, result } = await runProbe(connection, {
      task: { what: "compare", parameters: [options.live, options.old], elevate: options.elevate, list },
      signal,
      log: options.log,
      onRecord: reader.onRecord,
    });
    // 123: a batch ended with an error, which is that of a file that is gone or unreadable; others did not run to the end.
    if (status !== 0 && status !== 123)
      throw walkFailed(connection.description, decodeBytes(options.old), result, status);
  };
  await settled(parted(comparison.paths, options.parts).map(compare), (error) => stop.abort(error));
  reader.finish();
  return comparison.skipped;
}

/** At most so many runs of neighbours, none of them empty. */
function parted<T>(list: readonly T[], parts: number): readonly (readonly T[])[] {
  const each = Math.ceil(list.length / parts);
  return Array.from({ length: Math.ceil(list.length / each) }, (_, at) => list.slice(at * each, (at + 1) * each));
}
