import {
  CHANGED,
  DIRECTORY,
  FILE,
  type HostScan,
  LIVE,
  type NodeId,
  OLD,
  PENDING,
  SYMLINK,
  UNREAD,
} from "../hosts/model";
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
import { FolderSums, type NoiseCodes, type Totals } from "./surveySums";

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
const noiseByName = nameMatcher(
  noiseFileNames,
  new Map<string, NoiseReason>([[putAsideEnding, "temporary"], ...noiseFileEndings]),
);
const surveys = new WeakMap<HostScan, Survey>();

/** The survey of `scan`, made at the first call. Takes time linear in the size of the tree. */
export function surveyOf(scan: HostScan): Survey {
  const known = surveys.get(scan);
  if (known !== undefined) return known;
  const survey = makeSurvey(scan);
  surveys.set(scan, survey);
  return survey;
}

/**
 * Runs over all paths once and over the folders once more, without an object or a text for each: a folder comes before what is in it, and
 * is added to the one it lies in when all that is in it was.
 */
function makeSurvey(scan: HostScan): Survey {
  const { tree } = scan;
  const { types, flags, parents, sizes, mtimes } = tree.columns;
  const placed = placedNoise(scan);
  const zones = cacheZones(scan);
  /** Code of the noise reason of each node, 0 for none. */
  const noiseOf = new Uint8Array(tree.size);
  for (const [node, placedReason] of placed) noiseOf[node] = code(placedReason);
  /** Each folder's row in `sums`, 0 for all else. */
  const folderOf = new Uint32Array(tree.size);
  let folders = 0;
  for (let node = 0; node < tree.size; node += 1) if (types[node] === DIRECTORY) folders += 1;
  const sums = new FolderSums(folders, noiseCodes);
  /** The node of each row. */
  const nodeOf = new Uint32Array(folders + 1);
  for (let node = 0; node < tree.size; node += 1) {
    const parent = parents[node] ?? 0;
    const above = folderOf[parent] ?? 0;
    const inherited = node === tree.root ? 0 : (noiseOf[parent] ?? 0);
    if (node !== tree.root && (inherited === hidden || above === 0 || sums.isUnread(above))) {
      noiseOf[node] = hidden;
      continue;
    }
    const type = types[node] ?? FILE;
    const has = flags[node] ?? 0;
    if (type !== DIRECTORY) {
      const noise = inherited || noiseOf[node] || code(leafNoise(scan, node, type, has));
      noiseOf[node] = noise;
      sums.addLeaf(above, type, has, sizes[node] ?? 0, mtimes[node] ?? 0, noise);
      continue;
    }
    noiseOf[node] = inherited || noiseOf[node] || code(folderNoise(scan, node, zones));
    const row = sums.addRow();
    folderOf[node] = row;
    nodeOf[row] = node;
    if (has & UNREAD) sums.setUnread(row);
  }
  const empty = code("empty");
  for (let row = sums.rows; row > 1; row -= 1) {
    const node = nodeOf[row] ?? 0;
    sums.addFolder(folderOf[parents[node] ?? 0] ?? 0, row, noiseOf[node] || empty);
  }

  const reason = (node: NodeId): NoiseReason | null => reasons[(noiseOf[node] ?? 0) - 1] ?? null;
  return {
    reason,
    totals: (node) => {
      const row = folderOf[node] ?? 0;
      if (row > 0) return sums.totals(row);
      const leaf = new FolderSums(1, noiseCodes);
      const only = leaf.addRow();
      const noise = noiseOf[node] ?? 0;
      leaf.addLeaf(only, types[node] ?? FILE, flags[node] ?? 0, sizes[node] ?? 0, mtimes[node] ?? 0, noise);
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

function folderNoise({ tree }: HostScan, node: NodeId, zones: ReadonlySet<NodeId>): NoiseReason | null {
  if (isPutAside(tree, node)) return "temporary";
  return !zones.has(node) && isCacheFolder(tree, node) ? "cache" : null;
}

function leafNoise(scan: HostScan, node: NodeId, type: number, flags: number): NoiseReason | null {
  if (type === SYMLINK) {
    const managed = noiseByTarget(scan.tree.target(node) ?? "");
    if (managed !== null) return managed;
  } else if (type !== FILE) return "special";
  // In both roots, and not changed.
  if ((flags & (LIVE | OLD | CHANGED | PENDING)) === (LIVE | OLD)) return "boot";
  return type === FILE ? noiseByName(scan.tree, node) : null;
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

const noiseCodes: NoiseCodes = {
  most: reasons.length,
  cache: code("cache"),
  store: code("store"),
  activation: code("activation"),
};

function code(reason: NoiseReason | null): number {
  return reason === null ? 0 : (codes.get(reason) ?? 0);
}
