import type { NodeId, ScanTree, Verdict, Writer } from "../hosts/model";
import { type AtomicRewrite, atomicRewrite } from "../knowledge/atomic";
import { isUnknown } from "../knowledge/nearest";
import { contentsOf, type Find } from "./find";

/** Why a find got its verdict; the sentence is made from it. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly because:
    | "known"
    | "place"
    | "unit"
    | "cache"
    | "rewritten"
    | "etc"
    | "etc-secret"
    | "etc-owned"
    | "root-file"
    | "root-key";
  readonly rewrite: AtomicRewrite | null;
}

/** So many paths of a folder in /etc are looked at for private files. */
const mostLookedAt = 1000;

/** Whether a file that nothing is known about is a key, going by its place at the top of the root and its name. */
export function isRootKey({ kind, path, advice }: Find): boolean {
  return kind === "file" && isUnknown(advice) && /^\/[^/]*(?:key|luks|crypt|secret)[^/]*$/i.test(path);
}

/** What to do about a find. `by`: who keeps it. */
export function judge(tree: ScanTree, find: Find, by: Writer | null): Judgement {
  const { advice, path, kind } = find;
  const rewrite = kind === "file" ? atomicRewrite(path, find.home?.path ?? null) : null;
  const say = (verdict: Verdict, because: Judgement["because"]): Judgement => ({ verdict, because, rewrite });

  if (advice !== null && !isUnknown(advice)) {
    if (advice.persist === "never") return say("ignore", "known");
    if (advice.persist === "optional") return say(advice.role === "cache" ? "ignore" : "probably", "known");
    // Made again when it is missing, if slowly: keeping it is a matter of taste.
    if (advice.role === "cache") return say("probably", "known");
    return rewrite === null ? say("persist", "known") : say("probably", "rewritten");
  }
  const { totals } = find;
  const onlyCache = totals.cacheBytes > 0 && contentsOf(totals) === 0;
  if (onlyCache || advice?.role === "cache" || by?.source === "CacheDirectory") return say("ignore", "cache");
  if (advice?.id === "etc-known") return say("persist", "place");
  if (path.startsWith("/etc/")) {
    if (holdsPrivate(tree, find.node)) return say("probably", "etc-secret");
    if (by?.source === "ConfigurationDirectory") return say("probably", "etc-owned");
    return tree.uid(find.node) === 0 ? say("declare", "etc") : say("probably", "etc-owned");
  }
  if (rewrite !== null) return say("declare", "rewritten");
  if (by?.source === "StateDirectory") return say("persist", "unit");
  if (isRootKey(find)) return say("probably", "root-key");
  if (kind === "file" && path.lastIndexOf("/") === 0) return say("probably", "root-file");
  return say("probably", "place");
}

/** Whether the path, or a file in it, can be read by its owner only. */
function holdsPrivate(tree: ScanTree, node: NodeId): boolean {
  const nodes = [node];
  for (let at = 0; at < nodes.length && at < mostLookedAt; at += 1) {
    const each = nodes[at] ?? node;
    const type = tree.type(each);
    if (type !== "symlink" && (Number.parseInt(tree.mode(each), 8) & 0o077) === 0) return true;
    if (type === "directory") for (const child of tree.children(each)) nodes.push(child);
  }
  return false;
}
