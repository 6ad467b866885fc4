import type { HostScan, Mount, SeenPath, StoredTree } from "../../../hosts/model";
import { normalise } from "../../../persistence/paths";
import type { LiveContext, LiveEntry } from "../rule";
import { foldersAbove, storedPath } from "./paths";

/** A path as the host has it; `absent` where it is known not to be there, null where that is not known. */
export type Seen = SeenPath | "absent" | null;

type Scanned = Pick<LiveContext, "scan">;

/** What a storage has for a path of the root. */
export function storedAt({ scan }: Scanned, storage: string, path: string): Seen {
  const tree = scan.deployed?.storages.find((one) => normalise(one.storage) === storage);
  if (tree === undefined) return null;
  if (!tree.present) return "absent";
  for (const at of [...foldersAbove(path), path]) {
    const seen = tree.paths.get(at);
    if (seen === undefined) return isListed(tree, at) ? "absent" : null;
    if (at === path) return seen;
    // Below a link lies what it points to; below a file nothing.
    if (seen.type === "symlink") return null;
    if (seen.type !== "directory") return "absent";
  }
  return null;
}

function isListed({ listed }: StoredTree, path: string): boolean {
  const parent = path.slice(0, path.lastIndexOf("/"));
  return listed.has(parent === "" ? "/" : parent);
}

/** What the host shows at a path now, whether that lies on the root or in a mount. */
export function liveAt({ scan }: Scanned, path: string): Seen {
  const known = scan.deployed?.live.get(path);
  if (scan.deployed?.unknown?.has(path) === true) return null;
  if (known !== undefined) return known ?? "absent";
  if (mountAbove(scan, path) !== null) return null;
  return onRoot(scan, path);
}

function onRoot(scan: HostScan, path: string): Seen {
  const { tree } = scan;
  const node = tree.find(path);
  if (node === null || tree.status(node) === "lost") {
    const above = ["/", ...foldersAbove(path)].flatMap((at) => tree.find(at) ?? []).at(-1) ?? tree.root;
    // Behind a link lies what it leads to.
    return tree.unread(above) || tree.type(above) === "symlink" ? null : "absent";
  }
  const uid = tree.uid(node);
  const gid = tree.gid(node);
  const isFolder = tree.type(node) === "directory";
  return {
    type: tree.type(node),
    size: tree.bytes(node),
    mtime: tree.mtime(node),
    user: uid === 0 ? "root" : (scan.users.find((user) => user.uid === uid)?.name ?? String(uid)),
    group: gid === 0 ? "root" : (scan.groups.get(gid) ?? String(gid)),
    mode: tree.mode(node),
    target: tree.target(node),
    empty: isFolder ? (tree.unread(node) ? null : !hasNow(scan, node)) : tree.bytes(node) === 0,
  };
}

function hasNow({ tree }: HostScan, folder: number): boolean {
  for (const child of tree.children(folder)) if (tree.status(child) !== "lost") return true;
  return false;
}

const mountsOf = new WeakMap<HostScan, ReadonlyMap<string, Mount>>();

/** The mount on a path; of several the one on top. */
export function mountOn(scan: HostScan, path: string): Mount | null {
  let byPoint = mountsOf.get(scan);
  if (byPoint === undefined) {
    byPoint = new Map(scan.mounts.map((mount) => [mount.mountPoint, mount]));
    mountsOf.set(scan, byPoint);
  }
  return byPoint.get(path) ?? null;
}

/** The mount that a path lies in, itself not counted; null where that is the root, or wiped like it. */
function mountAbove(scan: HostScan, path: string): Mount | null {
  for (const at of foldersAbove(path).reverse()) {
    const mount = mountOn(scan, at);
    if (mount !== null) return scan.ephemeralMounts.includes(at) ? null : mount;
  }
  return null;
}

/** The file system and the folder in it that a storage is, as the kernel names them; null where its mount is not seen. */
export function sourceOf(scan: HostScan, storage: string): { readonly device: string; readonly root: string } | null {
  for (const at of [...foldersAbove(storage), storage].reverse()) {
    const mount = mountOn(scan, at);
    if (mount !== null) return { device: mount.device, root: below(mount.root, storage.slice(at.length)) };
  }
  const root = mountOn(scan, "/");
  return root === null ? null : { device: root.device, root: below(root.root, storage) };
}

/** Whether what is put into a storage outlives a boot: it is mounted there, or the root is not wiped. */
export function isLasting(scan: HostScan, storage: string): boolean {
  const at = [...foldersAbove(storage), storage].reverse().find((one) => mountOn(scan, one) !== null);
  if (at === undefined) return scan.root.ephemeral === false;
  return !scan.ephemeralMounts.includes(at) && !["tmpfs", "ramfs"].includes(mountOn(scan, at)?.fsType ?? "");
}

/** The path in the storage that a mount shows, as it would be on the root: `/var/log`; null where the mount comes from elsewhere. */
export function mountedFrom(scan: HostScan, storage: string, mount: Mount): string | null {
  const source = sourceOf(scan, storage);
  if (source === null || source.device !== mount.device) return null;
  // The kernel marks a source that was removed meanwhile.
  const root = mount.root.replace(/\/\/deleted$/, "");
  const prefix = source.root === "/" ? "" : source.root;
  return root.startsWith(`${prefix}/`) ? root.slice(prefix.length) : null;
}

function below(root: string, rest: string): string {
  return normalise(`${root}${rest.startsWith("/") || rest === "" ? rest : `/${rest}`}`);
}

/**
 * How an entry is on the host now. `mounted` and `linked`: it comes from its storage. `within`: it lies in a mount of its own or of another
 * entry's, so that nothing shows whether it is in place. `other`: something else is there: another file system, a link elsewhere.
 * `no`: it is not in place. Null where that is not known.
 */
export type Deployment = "mounted" | "linked" | "within" | "other" | "no" | null;

const deployments = new WeakMap<Scanned, Map<LiveEntry, Deployment>>();

export function deploymentOf(context: Scanned, entry: LiveEntry): Deployment {
  const known = deployments.get(context) ?? new Map<LiveEntry, Deployment>();
  deployments.set(context, known);
  const before = known.get(entry);
  if (before !== undefined) return before;
  const deployment = lookUp(context, entry);
  known.set(entry, deployment);
  return deployment;
}

function lookUp(context: Scanned, { path, storagePath }: LiveEntry): Deployment {
  const { scan } = context;
  if (scan.deployed === null || storagePath === null) return null;
  const mount = mountOn(scan, path);
  if (mount !== null) return mountedFrom(scan, storagePath, mount) === path ? "mounted" : "other";
  if (mountAbove(scan, path) !== null) return "within";
  const live = liveAt(context, path);
  if (live === null) return null;
  if (live === "absent" || live.type !== "symlink") return "no";
  return normalise(live.target ?? "") === storedPath(storagePath, path) ? "linked" : "other";
}

/** Whether an entry is surely meant to be in place: it is under no condition, or it is there. */
export function isMeant(entry: LiveEntry, deployment: Deployment): boolean {
  return !entry.conditional || deployment === "mounted" || deployment === "linked";
}

/** Whether the module mounts the entry over whatever is there. impermanence refuses that for files, and links are made only where nothing is. */
export function isMountedOver({ kind, method, module }: LiveEntry): boolean {
  if (kind === "directory") return module !== "preservation" || method === "mount";
  return module === "preservation" && method === "mount";
}
