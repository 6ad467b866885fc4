import type { NodeId } from "./model";
import { FrameError, type OnRecord } from "./probeFrame";
import type { TreeBuilder } from "./treeBuilder";

/** How much of the contents a scan may read on a host. Idle priority, both roots. */
export interface CompareLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
}

export const compareLimits: CompareLimits = { fileBytes: 32 << 20, totalBytes: 512 << 20, files: 200_000 };

export interface Comparison {
  /** Files to compare, and for each its path beginning with `./`. */
  readonly nodes: readonly NodeId[];
  readonly paths: readonly Uint8Array[];
  /** Files left out because of the limits; they count as changed. */
  readonly skipped: number;
}

/** Which files have to be compared by content, within the limits: small ones first, so that as many as possible are. */
export function comparisonOf(builder: TreeBuilder, limits: CompareLimits): Comparison {
  const all = builder.pending();
  const size = (node: NodeId): number => builder.sizes[node] ?? 0;
  const total = all.reduce((sum, node) => sum + size(node), 0);
  const largest = all.reduce((most, node) => Math.max(most, size(node)), 0);
  let nodes = all;
  if (total > limits.totalBytes || largest > limits.fileBytes || all.length > limits.files) {
    let left = limits.totalBytes;
    nodes = [...all]
      .sort((one, other) => size(one) - size(other))
      .slice(0, limits.files)
      .filter((node) => {
        left -= size(node);
        return left >= 0 && size(node) <= limits.fileBytes;
      });
  }
  const paths = nodes.map((node) => Buffer.concat([here, builder.relativePath(node)]));
  return { nodes, paths, skipped: all.length - nodes.length };
}

const here = Buffer.from("./");

/**
 * Reads the answer to a comparison: the paths that are the same in both roots, and now and then how many are done.
 * `finish` settles every file of it in the tree: the same, or else changed, also where it could not be read.
 */
export function comparisonReader(
  comparison: Comparison,
  builder: TreeBuilder,
  onDone: (files: number) => void,
): { readonly onRecord: OnRecord; finish(): void } {
  const same = new Set<string>();
  let done = 0;
  return {
    onRecord(bytes, from, to) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
      if (text.startsWith("./")) same.add(text);
      else if (/^#\d{1,9}$/.test(text)) {
        done += Number(text.slice(1));
        onDone(Math.min(done, comparison.nodes.length));
      } else throw new FrameError("its comparison has a broken record");
    },
    finish() {
      for (const [index, node] of comparison.nodes.entries()) {
        const path = Buffer.from(comparison.paths[index] ?? here).toString("latin1");
        builder.settle(node, same.has(path));
      }
    },
  };
}
