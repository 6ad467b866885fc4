import type { HostScan, NodeId, ScanTree } from "../hosts/model";
import { type Advice, lookup } from "../knowledge/advice";
import { isUnknown, nearestAdvice } from "../knowledge/nearest";
import type { NoiseReason } from "../knowledge/noise";
import { claimsOn } from "./claims";
import { type Basis, contentsOf, type Find, joinPath, sizeOf, statusOf } from "./find";
import { startFolds } from "./fold";
import { type Home, homesOf } from "./homes";
import type { Ignored } from "./ignore";
import type { Kept } from "./kept";
import { knownInside, strongest } from "./known";
import { ancestorsOf, levelOf } from "./levels";
import { linkReason } from "./links";
import { surveyOf } from "./survey";

export interface WalkOptions {
  readonly ignore: Ignored;
  /** Bytes from which on a cache is shown rather than only counted. */
  readonly cacheFrom: number;
}

/** Of one folder no more paths than this are shown that nothing is known about; the largest win. */
const mostLoose = 200;
/** Needed even where it looks the same after each boot: without it ids may change when a user is added. */
const always = "var-lib-nixos";

/** Finds what is worth a decision. Looks only into folders shared by many programs; the rest is taken from the survey. */
export function walk(
  scan: HostScan,
  kept: Kept,
  options: WalkOptions,
): { readonly finds: Find[]; readonly ignored: ReadonlyMap<NoiseReason, number> } {
  const { tree } = scan;
  const survey = surveyOf(scan);
  const folds = startFolds(scan, survey, kept);
  const claims = claimsOn(scan.deployed);
  const homes = new Map(homesOf(scan).map((home) => [home.path, home]));
  const aboveHomes = ancestorsOf([...homes.keys()].filter((path) => path !== "/root"));
  const finds: Find[] = [];
  const waiting: { readonly node: NodeId; readonly path: string; readonly home: Home | null }[] = [];

  waiting.push({ node: tree.root, path: "/", home: null });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) visit(next.node, next.path, next.home);
  const { kept: shown, dropped } = withoutLoose(finds, tree);
  folds.count("many", dropped);
  return { finds: shown, ignored: folds.counts };

  function visit(node: NodeId, path: string, home: Home | null): void {
    // What could not be read is told in `unread`; nothing is known of it to judge.
    if (kept.here(path) || tree.unread(node)) return;
    const reason = survey.reason(node);
    const type = tree.type(node);
    if (path !== "/" && isIgnored(node, path, home)) folds.one(node, "user");
    else if (reason === "cache" && isBig(survey.totals(node).cacheBytes)) propose(node, path, home, null);
    else if (reason !== null) folds.each(node, path);
    else if (type === "symlink") folds.count(linkReason(scan, node, path, kept), 1);
    else {
      const level = type === "directory" ? levelOf(path, home, aboveHomes) : "unit";
      if (level === "container") visitChildren(node, path, home);
      else if (level === "cache") visitCaches(node, path, home);
      else consider(node, path, home);
    }
  }

  function visitChildren(folder: NodeId, path: string, home: Home | null): void {
    for (const node of tree.children(folder)) {
      const childPath = joinPath(path, tree.name(node));
      waiting.push({ node, path: childPath, home: homes.get(childPath) ?? home });
    }
  }

  /** Takes a folder or file as one thing, unless something in it is persistent already or it holds several known things. */
  function consider(node: NodeId, path: string, home: Home | null): void {
    const totals = survey.totals(node);
    const { advice, basis } = nearestAdvice(path, home?.path ?? null);
    if (!folds.hasContent(node, path)) {
      if (advice?.id === always && totals.files > 0) propose(node, path, home, advice);
      else if (isBig(totals.cacheBytes)) propose(node, path, home, null);
      else folds.each(node, path);
      return;
    }
    if (options.ignore.below(path, home?.path ?? null) && !holdsMoreThanIgnored(node, path, home)) {
      folds.one(node, "user");
      return;
    }
    const useless = uselessness(advice);
    if (useless !== null && !isBig(totals.bytes)) {
      folds.all(node, useless);
      return;
    }
    if (tree.type(node) !== "directory") {
      const idle = isUnknown(advice) && home !== null ? idleness(tree, node) : null;
      if (idle === null) propose(node, path, home, advice, basis);
      else folds.count(idle, 1);
      return;
    }
    if (kept.below(path) || (inEtc(path) && totals.managed > 0 && isUnknown(advice))) {
      visitChildren(node, path, home);
      return;
    }
    if (isUnknown(advice) && claims.isState(path)) {
      propose(node, path, home, advice);
      return;
    }
    if (isUnknown(advice)) {
      const inside = knownInside(tree, node, path, home).filter((each) => contentsOf(survey.totals(each.node)) > 0);
      const known = inside.reduce((sum, each) => sum + contentsOf(survey.totals(each.node)), 0);
      const best = strongest(inside.map((each) => each.advice));
      if (best !== null && (known === contentsOf(totals) || inEtc(path))) visitChildren(node, path, home);
      else if (best !== null) propose(node, path, home, best, "inside");
      else propose(node, path, home, advice);
      return;
    }
    if (advice !== null && basis === "own" && holdsMoreNeeded(node, path, home, advice))
      visitChildren(node, path, home);
    else propose(node, path, home, advice, basis);
  }

  /** Whether the catalog asks more strongly for a part of a program's folder than for the folder. */
  function holdsMoreNeeded(node: NodeId, path: string, home: Home | null, advice: Advice): boolean {
    return knownInside(tree, node, path, home).some(
      (each) =>
        each.advice.id === advice.id &&
        strongest([advice, each.advice]) !== advice &&
        contentsOf(survey.totals(each.node)) > 0,
    );
  }

  /** A folder of caches: what is known to matter is proposed; the rest is one thing in homes, one for each program elsewhere. */
  function visitCaches(zone: NodeId, zonePath: string, home: Home | null): void {
    let whole = home !== null && !kept.below(zonePath);
    const rest: { readonly node: NodeId; readonly path: string; readonly advice: Advice | null }[] = [];
    for (const node of tree.children(zone)) {
      const path = joinPath(zonePath, tree.name(node));
      const { advice } = nearestAdvice(path, home?.path ?? null);
      const matters = advice?.exact === true && (advice.persist === "required" || advice.persist === "recommended");
      if (kept.here(path)) continue;
      if (path === "/var/cache/private") visitCaches(node, path, home);
      else if (isIgnored(node, path, home) || survey.reason(node) !== null || tree.type(node) === "symlink")
        visit(node, path, home);
      else if (matters && folds.hasContent(node, path)) {
        whole = false;
        consider(node, path, home);
      } else rest.push({ node, path, advice });
    }
    const bytes = rest.reduce((sum, each) => sum + survey.totals(each.node).bytes, 0);
    if (whole && isBig(bytes)) {
      propose(zone, zonePath, home, lookup(zonePath, home?.path ?? null));
      return;
    }
    for (const { node, path, advice } of rest) {
      const totals = survey.totals(node);
      const known = home === null && advice?.exact === true && advice.persist === "optional" && totals.files > 0;
      if (known || isBig(totals.bytes)) propose(node, path, home, advice);
      else folds.all(node, "cache");
    }
  }

  function propose(node: NodeId, path: string, home: Home | null, advice: Advice | null, basis: Basis = "own"): void {
    const totals = survey.totals(node);
    const kind = tree.type(node) === "directory" ? "directory" : "file";
    finds.push({ node, path, kind, home, status: statusOf(totals), totals, advice, basis });
  }

  function isIgnored(node: NodeId, path: string, home: Home | null): boolean {
    return options.ignore.has(path, home?.path ?? null, tree.type(node) === "directory");
  }

  /** Whether something at or below `node` is neither noise nor ignored. */
  function holdsMoreThanIgnored(node: NodeId, path: string, home: Home | null): boolean {
    const stack: [NodeId, string][] = [[node, path]];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [each, eachPath] = at;
      if (survey.reason(each) !== null || isIgnored(each, eachPath, home)) continue;
      const type = tree.type(each);
      if (type !== "directory" && type !== "symlink") return true;
      if (type === "directory")
        for (const child of tree.children(each)) stack.push([child, joinPath(eachPath, tree.name(child))]);
    }
    return false;
  }

  function isBig(bytes: number): boolean {
    return bytes >= options.cacheFrom;
  }
}

/** Of each folder the largest of the paths nothing is known about, and how many were dropped. */
function withoutLoose(finds: readonly Find[], tree: ScanTree): { readonly kept: Find[]; readonly dropped: number } {
  const loose = new Map<NodeId, Find[]>();
  for (const find of finds) {
    if (!isUnknown(find.advice)) continue;
    const parent = tree.parent(find.node);
    const siblings = loose.get(parent);
    if (siblings === undefined) loose.set(parent, [find]);
    else siblings.push(find);
  }
  const dropped = new Set<Find>();
  for (const siblings of loose.values()) {
    if (siblings.length <= mostLoose) continue;
    siblings.sort((a, b) => sizeOf(b.totals) - sizeOf(a.totals));
    for (const find of siblings.slice(mostLoose)) dropped.add(find);
  }
  return { kept: finds.filter((find) => !dropped.has(find)), dropped: dropped.size };
}

function inEtc(path: string): boolean {
  return path.startsWith("/etc/");
}

/** Why a single file of a home that nothing is known about holds nothing to keep, else null: a mark that something was done, a dump, or a log. */
function idleness(tree: ScanTree, node: NodeId): NoiseReason | null {
  const name = tree.name(node);
  if (name.startsWith(".") && tree.bytes(node) === 0) return "empty";
  if (/^core\.\d+$/.test(name)) return "temporary";
  return /\.log(?:\.old|\.\d+)?$|^\.xsession-errors/.test(name) ? "log" : null;
}

/** Why something the catalog knows is not even worth showing while it is small, else null. */
function uselessness(advice: Advice | null): NoiseReason | null {
  if (advice === null || isUnknown(advice)) return null;
  if (advice.persist === "never") return advice.role === "cache" ? "cache" : "useless";
  return advice.persist === "optional" && advice.role === "cache" ? "cache" : null;
}
