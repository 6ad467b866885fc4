import type { HostScan, NodeId } from "../hosts/model";
import type { NoiseReason } from "../knowledge/noise";
import { contentsOf, joinPath } from "./find";
import type { Kept } from "./kept";
import { linkReason } from "./links";
import type { Survey } from "./survey";

/** Counts what is folded away. */
export interface Folds {
  readonly counts: Map<NoiseReason, number>;
  count(reason: NoiseReason, more: number): void;
  /** Counts all at or below `node` under one reason. */
  all(node: NodeId, reason: NoiseReason): void;
  /** Counts `node` once, with all below it, where there is anything. */
  one(node: NodeId, reason: NoiseReason): void;
  /** Counts all at or below `node`, each path under its own reason. `path` is its absolute path. */
  each(node: NodeId, path: string): void;
  /** Whether there is anything but noise and links at or below `node`, or a link that leads elsewhere. */
  hasContent(node: NodeId, path: string): boolean;
}

export function startFolds(scan: HostScan, survey: Survey, kept: Kept): Folds {
  const { tree } = scan;
  const counts = new Map<NoiseReason, number>();

  const count = (reason: NoiseReason, more: number): void => {
    if (more > 0) counts.set(reason, (counts.get(reason) ?? 0) + more);
  };

  const pathsIn = (node: NodeId): number => {
    let paths = contentsOf(survey.totals(node));
    for (const more of survey.noise(node).values()) paths += more;
    return paths;
  };

  /** Why each link is folded that the survey could not judge, since it depends on the configuration. */
  function* linkReasons(node: NodeId, path: string): Generator<NoiseReason> {
    const stack: [NodeId, string][] = [[node, path]];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [each, eachPath] = at;
      const type = tree.type(each);
      if (type === "symlink" && survey.reason(each) === null) yield linkReason(scan, each, eachPath, kept);
      if (type !== "directory" || survey.totals(each).links === 0) continue;
      for (const child of tree.children(each)) stack.push([child, joinPath(eachPath, tree.name(child))]);
    }
  }

  return {
    counts,
    count,
    all: (node, reason) => count(reason, pathsIn(node)),
    one: (node, reason) => count(reason, Math.min(1, pathsIn(node))),
    each: (node, path) => {
      for (const [reason, more] of survey.noise(node)) count(reason, more);
      if (survey.totals(node).links > 0) for (const reason of linkReasons(node, path)) count(reason, 1);
    },
    hasContent: (node, path) => {
      const totals = survey.totals(node);
      if (contentsOf(totals) > totals.links) return true;
      if (totals.links > 0) for (const reason of linkReasons(node, path)) if (reason === "link") return true;
      return false;
    },
  };
}
