import type { HostScan, NodeId } from "../hosts/model";
import {
  cacheFolderNames,
  type NoiseReason,
  noiseByTarget,
  noiseFileEndings,
  noiseFileNames,
  noiseHomePaths,
  noisePaths,
  noiseReasons,
  putAsideEnding,
} from "../knowledge/noise";
import { homesOf } from "./homes";
import { nameMatcher } from "./nameMatcher";
import { FolderSums, type Totals } from "./surveySums";

/** What a scan says whatever the configuration: made once for each scan. */
export interface Survey {
  totals(node: NodeId): Totals;
  /** Noise at or below `node` as reason → number of paths. */
  noise(node: NodeId): ReadonlyMap<NoiseReason, number>;
  /** Why this very path is noise, else null. */
  reason(node: NodeId): NoiseReason | null;
}

const reasons = Object.keys(noiseReasons) as NoiseReason[];
const codes = new Map(reasons.map((reason, index) => [reason, index + 1]));
/** Stands for a reason where a path does not count: it lies in a folder that could not be read, or in what is no folder any more. */
const hidden = 255;
const isCacheFolder = nameMatcher(new Map(cacheFolderNames.map((name) => [name, true])));
const isPutAside = nameMatcher<true>(new Map(), new Map([[putAsideEnding, true]]));
const noiseByName = nameMatcher(noiseFileNames, noiseFileEndings);
const surveys = new WeakMap<HostScan, Survey>();

/** The survey of `scan`, made at the first call. Takes time linear in the size of the tree. */
export function surveyOf(scan: HostScan): Survey {
  const known = surveys.get(scan);
  if (known !== undefined) return known;
  const survey = makeSurvey(scan);
  surveys.set(scan, survey);
  return survey;
}

/** Runs over all paths twice, without an object or a text for each: folders come before what is in them, and the other way round. */
function makeSurvey(scan: HostScan): Survey {
  const { tree } = scan;
  const placed = placedNoise(scan);
  const zones = cacheZones(scan);
  /** Code of the noise reason of each node, 0 for none. */
  const noiseOf = new Uint8Array(tree.size);
  /** Each folder's row in `sums`, 0 for all else. */
  const folderOf = new Uint32Array(tree.size);
  let folders = 0;
  for (let node = 0; node < tree.size; node += 1) if (tree.type(node) === "directory") folders += 1;
  const sums = new FolderSums(folders, reasons.length);
  for (let node = 0; node < tree.size; node += 1) {
    const parent = tree.parent(node);
    const above = folderOf[parent] ?? 0;
    const inherited = node === tree.root ? 0 : (noiseOf[parent] ?? 0);
    if (node !== tree.root && (inherited === hidden || above === 0 || sums.isUnread(above))) {
      noiseOf[node] = hidden;
      continue;
    }
    if (tree.type(node) !== "directory") {
      noiseOf[node] = inherited || code(placed.get(node) ?? leafNoise(scan, node));
      continue;
    }
    const aside = isPutAside(tree, node) ? "temporary" : null;
    const own = placed.get(node) ?? aside ?? (!zones.has(node) && isCacheFolder(tree, node) ? "cache" : null);
    noiseOf[node] = inherited || code(own);
    const row = sums.addRow();
    folderOf[node] = row;
    if (tree.unread(node)) sums.setUnread(row);
  }

  const empty = code("empty");
  for (let node = tree.size - 1; node > 0; node -= 1) {
    const noise = noiseOf[node] ?? 0;
    if (noise === hidden) continue;
    const into = folderOf[tree.parent(node)] ?? 0;
    const own = folderOf[node] ?? 0;
    if (own === 0) sums.addLeaf(into, tree, node, noise, reasons[noise - 1] ?? null);
    else sums.addFolder(into, own, noise || empty);
  }

  const reason = (node: NodeId): NoiseReason | null => reasons[(noiseOf[node] ?? 0) - 1] ?? null;
  return {
    reason,
    totals: (node) => {
      const row = folderOf[node] ?? 0;
      if (row > 0) return sums.totals(row);
      const leaf = new FolderSums(1, reasons.length);
      const only = leaf.addRow();
      leaf.addLeaf(only, tree, node, noiseOf[node] ?? 0, reason(node));
      return leaf.totals(only);
    },
    noise: (node) => {
      const row = folderOf[node] ?? 0;
      const own = reason(node);
      if (row === 0) return new Map(own === null ? [] : [[own, 1]]);
      const found = new Map<NoiseReason, number>();
      for (const [index, each] of reasons.entries()) {
        const more = sums.noise(row, index + 1);
        if (more > 0) found.set(each, more);
      }
      return found;
    },
  };
}

function leafNoise(scan: HostScan, node: NodeId): NoiseReason | null {
  const { tree } = scan;
  const type = tree.type(node);
  if (type === "symlink") {
    const managed = noiseByTarget(tree.target(node) ?? "");
    if (managed !== null) return managed;
  } else if (type !== "file") return "special";
  if (tree.status(node) === "regenerated") return "boot";
  if (type !== "file") return null;
  return isPutAside(tree, node) ? "temporary" : noiseByName(tree, node);
}

/** The nodes whose place alone makes them noise, with all below them. */
function placedNoise(scan: HostScan): Map<NodeId, NoiseReason> {
  const placed = new Map<NodeId, NoiseReason>();
  const place = (path: string, reason: NoiseReason): void => {
    const node = scan.tree.find(path);
    if (node !== null) placed.set(node, reason);
  };
  for (const [path, reason] of noisePaths) place(path, reason);
  for (const home of homesOf(scan)) {
    for (const [path, reason] of noiseHomePaths) place(`${home.path}/${path}`, reason);
  }
  return placed;
}

/** The folders that are caches by their place: what lies in them is judged one by one. */
function cacheZones(scan: HostScan): Set<NodeId> {
  const paths = ["/var/cache", ...homesOf(scan).map((home) => `${home.path}/.cache`)];
  return new Set(paths.flatMap((path) => scan.tree.find(path) ?? []));
}

function code(reason: NoiseReason | null): number {
  return reason === null ? 0 : (codes.get(reason) ?? 0);
}
