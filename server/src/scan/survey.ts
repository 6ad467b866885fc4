import type { HostScan, NodeId } from "../hosts/model";
import {
  isCacheFolder,
  type NoiseReason,
  noiseByName,
  noiseByTarget,
  noiseHomePaths,
  noisePaths,
  noiseReasons,
} from "../knowledge/noise";
import { homesOf } from "./homes";

/** What lies at or below a path. Noise counts for bytes, files and mtime (it would be kept too), but not for the statuses. */
export interface Totals {
  /** Regular files there now, their bytes, and the newest mtime (seconds since the epoch). */
  files: number;
  bytes: number;
  mtime: number;
  /** The same of what only the old root has. */
  lostFiles: number;
  lostBytes: number;
  lostMtime: number;
  /** Files and links that are no noise, by status. */
  fresh: number;
  changed: number;
  lost: number;
  /** How many of those are symbolic links. */
  links: number;
  /** Bytes of caches there now. */
  cacheBytes: number;
  /** Links NixOS made: into the store or `/etc/static`. */
  managed: number;
  /** Folders that could not be read. */
  unread: number;
}

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
const surveys = new WeakMap<HostScan, Survey>();

/** The survey of `scan`, made at the first call. Takes time linear in the size of the tree. */
export function surveyOf(scan: HostScan): Survey {
  const known = surveys.get(scan);
  if (known !== undefined) return known;
  const survey = makeSurvey(scan);
  surveys.set(scan, survey);
  return survey;
}

function makeSurvey(scan: HostScan): Survey {
  const { tree } = scan;
  const placed = placedNoise(scan);
  const zones = cacheZones(scan);
  /** Code of the noise reason of each node, 0 for none. */
  const noiseOf = new Uint8Array(tree.size);
  /** Each folder's place in `sums`, 0 for all else. */
  const folderOf = new Uint32Array(tree.size);
  const order = new Uint32Array(tree.size);
  const sums: Totals[] = [emptyTotals()];
  let count = 1;
  for (let at = 0; at < count; at += 1) {
    const node = order[at] ?? 0;
    const inherited = node === tree.root ? 0 : (noiseOf[tree.parent(node)] ?? 0);
    if (tree.type(node) !== "directory") {
      noiseOf[node] = inherited || code(placed.get(node) ?? leafNoise(scan, node));
      continue;
    }
    const own = placed.get(node) ?? (!zones.has(node) && isCacheFolder(tree.name(node)) ? "cache" : null);
    noiseOf[node] = inherited || code(own);
    folderOf[node] = sums.push(emptyTotals()) - 1;
    for (const child of tree.children(node)) {
      order[count] = child;
      count += 1;
    }
  }

  const width = reasons.length + 1;
  const counts = new Uint32Array(sums.length * width);
  const addNoise = (row: number, reason: number, more: number): void => {
    counts[row * width + reason] = (counts[row * width + reason] ?? 0) + more;
  };
  const hasChildren = new Uint8Array(sums.length);
  for (let at = count - 1; at > 0; at -= 1) {
    const node = order[at] ?? 0;
    const parent = folderOf[tree.parent(node)] ?? 0;
    const own = folderOf[node] ?? 0;
    const into = sums[parent];
    hasChildren[parent] = 1;
    if (into === undefined) continue;
    if (own === 0) {
      addLeaf(into, scan, node, reasons[(noiseOf[node] ?? 0) - 1] ?? null);
      if (noiseOf[node]) addNoise(parent, noiseOf[node] ?? 0, 1);
      continue;
    }
    const totals = sums[own] ?? emptyTotals();
    if (tree.unread(node)) totals.unread += 1;
    else if (hasChildren[own] === 0) addNoise(own, noiseOf[node] || code("empty"), 1);
    addTotals(into, totals);
    for (let reason = 1; reason < width; reason += 1) {
      const more = counts[own * width + reason] ?? 0;
      if (more > 0) addNoise(parent, reason, more);
    }
  }

  const reason = (node: NodeId): NoiseReason | null => reasons[(noiseOf[node] ?? 0) - 1] ?? null;
  return {
    reason,
    totals: (node) => {
      const folder = sums[folderOf[node] ?? 0];
      if (folderOf[node] && folder !== undefined) return folder;
      const leaf = emptyTotals();
      addLeaf(leaf, scan, node, reason(node));
      return leaf;
    },
    noise: (node) => {
      const row = folderOf[node] ?? 0;
      const own = reason(node);
      if (row === 0) return new Map(own === null ? [] : [[own, 1]]);
      const found = new Map<NoiseReason, number>();
      for (const [index, each] of reasons.entries()) {
        const more = counts[row * width + index + 1] ?? 0;
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
  return type === "file" ? noiseByName(tree.name(node)) : null;
}

function addLeaf(into: Totals, scan: HostScan, node: NodeId, noise: NoiseReason | null): void {
  const { tree } = scan;
  const status = tree.status(node);
  const type = tree.type(node);
  if (type === "file") {
    const bytes = tree.bytes(node);
    if (status === "lost") {
      into.lostFiles += 1;
      into.lostBytes += bytes;
    } else {
      into.files += 1;
      into.bytes += bytes;
      if (noise === "cache") into.cacheBytes += bytes;
    }
  }
  if (status === "lost") into.lostMtime = Math.max(into.lostMtime, tree.mtime(node));
  else into.mtime = Math.max(into.mtime, tree.mtime(node));
  if (noise === null) {
    if (status === "lost") into.lost += 1;
    else if (status === "changed") into.changed += 1;
    else into.fresh += 1;
    if (type === "symlink") into.links += 1;
  } else if (noise === "store" || (noise === "activation" && type === "symlink")) into.managed += 1;
}

function emptyTotals(): Totals {
  return {
    files: 0,
    bytes: 0,
    mtime: 0,
    lostFiles: 0,
    lostBytes: 0,
    lostMtime: 0,
    fresh: 0,
    changed: 0,
    lost: 0,
    links: 0,
    cacheBytes: 0,
    managed: 0,
    unread: 0,
  };
}

function addTotals(into: Totals, more: Totals): void {
  into.files += more.files;
  into.bytes += more.bytes;
  into.mtime = Math.max(into.mtime, more.mtime);
  into.lostFiles += more.lostFiles;
  into.lostBytes += more.lostBytes;
  into.lostMtime = Math.max(into.lostMtime, more.lostMtime);
  into.fresh += more.fresh;
  into.changed += more.changed;
  into.lost += more.lost;
  into.links += more.links;
  into.cacheBytes += more.cacheBytes;
  into.managed += more.managed;
  into.unread += more.unread;
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
