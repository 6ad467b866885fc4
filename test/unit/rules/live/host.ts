/** Hosts written down as a few lines, as the examples of live rules have them (see LiveExample). */
import type { HostScan, HostUnit, Mount, SeenPath, StoredTree } from "../../../../server/src/hosts/model";
import { buildTree, type TreeRecord } from "../../../../server/src/hosts/tree";
import { boot, users } from "../../scan/roots";

const day = 86_400;
/** When the hosts were scanned. */
export const now = boot + day;
const storageRoot = "/@persist";
const groups = new Map([[100, "users"], ...users.map((user) => [user.gid, user.name] as const)]);

interface Line {
  readonly path: string;
  readonly seen: SeenPath;
  readonly words: ReadonlySet<string>;
}

/** The scan of a host that has what the lines say, with everything else known not to be there. */
export function hostOf(text: string, host = "juni"): HostScan {
  const all = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const storage = all.find((line) => line.startsWith("storage "))?.slice("storage ".length) ?? "/persist";
  const paths = all.filter((line) => line.startsWith("/")).map(pathLine);
  const stored = paths.filter(({ path }) => path === storage || path.startsWith(`${storage}/`));
  const onRoot = paths.filter((line) => !stored.includes(line));
  const mounted = onRoot.filter(({ words }) => words.has("mounted"));
  const device = (line: Line) => (line.words.has("elsewhere") ? "0:99" : "0:30");
  const mounts: Mount[] = [
    { mountPoint: "/", root: "/@root", fsType: "btrfs", source: "/dev/sda2", device: "0:29" },
    { mountPoint: storage, root: storageRoot, fsType: "btrfs", source: "/dev/sda2", device: "0:30" },
    ...mounted.map((line) => ({
      mountPoint: line.path,
      root: line.words.has("elsewhere") ? "/" : `${storageRoot}${line.path}`,
      fsType: "btrfs",
      source: "/dev/sda2",
      device: device(line),
    })),
  ];
  const live = onRoot.filter(({ words }) => !words.has("lost"));
  const isUnderMount = ({ path }: Line) => mounted.some((line) => path.startsWith(`${line.path}/`));
  const records = onRoot.filter((line) => !mounted.includes(line) && !isUnderMount(line)).map(record);
  const [, root = "btrfs", space] = (all.find((line) => line.startsWith("root ")) ?? "root btrfs").split(" ");
  const plain = root === "ext4";
  const oldRoot = records.some(({ status }) => status === "lost") ? "/.snapshots/old_roots/2026-11-21_09-30-00" : null;
  return {
    host,
    name: host,
    root: {
      kind: plain ? "plain" : root === "unknown" ? "unknown" : root === "tmpfs" ? "tmpfs" : "btrfs",
      source: "/dev/sda2",
      fsType: root,
      subvolume: plain ? "/" : "/@root",
      ephemeral: root === "unknown" ? null : !plain && space !== "old",
    },
    bootTime: boot,
    mounts,
    users,
    groups,
    tree: buildTree(records),
    ephemeralMounts: [],
    oldRoot,
    oldRoots: oldRoot === null ? [] : [oldRoot],
    blank: null,
    unread: [],
    notes: [],
    deployed: {
      units: all.filter((line) => line.startsWith("unit ")).map(unit),
      tmpfiles: [],
      storages: [
        storedTree(
          storage,
          stored,
          mounted.filter(({ words }) => !words.has("elsewhere")),
        ),
      ],
      live: new Map(live.map(({ path, seen }) => [path, seen])),
      space: space?.endsWith("%") === true ? { total: 2e9, free: 2e9 * (1 - Number.parseInt(space, 10) / 100) } : null,
      notes: [],
    },
  };
}

function pathLine(line: string): Line {
  const [written = "", ...rest] = line.split(/\s+/);
  const arrow = rest.indexOf("->");
  const target = arrow === -1 ? null : (rest[arrow + 1] ?? "");
  const words = rest.filter((_, index) => arrow === -1 || (index !== arrow && index !== arrow + 1));
  const number = words.find((word) => /^(?:0|[1-9]\d*)$/.test(word));
  const owner = words.find((word) => /^[a-z][\w-]*(?::[\w-]+)?$/.test(word) && !keywords.has(word));
  const [user = "root", group = user === "josh" ? "users" : user] = owner?.split(":") ?? [];
  const age = words.map((word) => /^(\d+)d$/.exec(word)?.[1]).find((one) => one !== undefined);
  const isFolder = written.endsWith("/") || (words.includes("mounted") && number === undefined);
  const size = target !== null || isFolder ? 0 : Number(number ?? 10);
  return {
    path: written.replace(/(?<=.)\/$/, ""),
    words: new Set(words),
    seen: {
      type: target !== null ? "symlink" : isFolder ? "directory" : "file",
      size,
      mtime: age === undefined ? boot + 100 : now - Number(age) * day,
      user,
      group,
      mode: words.find((word) => /^0[0-7]{3}$/.test(word)) ?? (isFolder ? "0755" : "0644"),
      target,
      empty: isFolder ? !words.includes("full") : size === 0,
    },
  };
}

const keywords = new Set(["mounted", "elsewhere", "lost", "full"]);

function record({ path, seen, words }: Line): TreeRecord {
  const { type, size, mtime, mode, target, user, group } = seen;
  const uid = users.find(({ name }) => name === user)?.uid ?? 0;
  const gid = [...groups].find(([, name]) => name === group)?.[0] ?? uid;
  return { path, type, size, mtime, mode, target, uid, gid, ...(words.has("lost") ? { status: "lost" as const } : {}) };
}

function storedTree(storage: string, lines: readonly Line[], mounted: readonly Line[]): StoredTree {
  const paths = new Map<string, SeenPath>();
  const listed = new Set<string>(["/"]);
  const folder: SeenPath = { ...pathLine("/x/").seen, empty: false };
  const add = (path: string, seen: SeenPath, full: boolean) => {
    for (let at = path.slice(0, path.lastIndexOf("/")); at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
      paths.set(at, { ...(paths.get(at) ?? folder), empty: false });
      listed.add(at);
    }
    paths.set(path, seen);
    if (seen.type === "directory" && !full) listed.add(path);
  };
  for (const { path, seen } of mounted) add(path, { ...seen, empty: false }, true);
  for (const { path, seen, words } of lines)
    if (path !== storage) add(path.slice(storage.length), seen, words.has("full"));
  return { storage, present: true, paths, listed };
}

function unit(line: string): HostUnit {
  const [, name = "", ...words] = line.split(" ");
  const directories = words.filter((word) => word.startsWith("/"));
  return {
    name,
    description: name,
    state: words.includes("failed") ? "failed" : "active",
    dynamicUser: words.includes("dynamic"),
    user: null,
    group: null,
    stateDirectories: directories,
    cacheDirectories: [],
    logsDirectories: [],
    configurationDirectories: [],
    program: null,
  };
}
