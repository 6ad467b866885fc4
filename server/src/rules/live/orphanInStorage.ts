import type { StoredTree } from "../../hosts/model";
import { formatBytes } from "../../knowledge/text";
import { isBelow, normalise } from "../../persistence/paths";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { isMentioned, persistAgain } from "./support/again";
import { foldersAbove } from "./support/paths";
import { storagePlace } from "./support/places";

export const rule: LiveRule = {
  id: "orphan-in-storage",
  level: "hint",
  title: "The storage has what nothing declares any more",
  doc: `An entry that is removed stays in the storage, for ever. That is on purpose: neither module deletes anything, and neither does Tidemark. This lists
what lies where an entry would put it (\`/var\`, \`/etc\`, \`/home\`, \`/root\`, \`/srv\`, \`/opt\`) and belongs to none.

How much a folder holds is said where the scan has seen all that is in it. Persist it again, or remove it yourself when you are sure. It is told
only where all of the configuration is known, and not for what is mounted, or mentioned in the files.

Sources: impermanence issues [212](https://github.com/nix-community/impermanence/issues/212) and
[228](https://github.com/nix-community/impermanence/issues/228).`,
  check,
  examples: [
    {
      title: "What a service left that is gone",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/forgejo" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /var/lib/headscale, /var/lib/old (9.0 kB), /var/lib/old.key (300 B)
}
`,
      host: `
/persist/var/log/ full
/persist/var/lib/forgejo/ full
/persist/var/lib/headscale/ headscale 0750 full
/persist/var/lib/old/db/main.sqlite 9000
/persist/var/lib/old.key 300
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    "/var/lib/forgejo"
    { directory = "/var/lib/headscale"; user = "headscale"; group = "headscale"; mode = "0750"; }
  ];
}
`,
    },
    {
      title: "Parts of entries, the storage's own folders, and what the files mention",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/home/josh/projects" ];
  environment.etc."x".source = "/persist/etc/secret";
}
`,
      host: `
/persist/var/log/ full
/persist/home/josh/projects/ josh full
/persist/secrets/key 100
/persist/etc/secret 100
/persist/.snapshots/
/persist/lost+found/
`,
    },
    {
      title: "Parts of the configuration that are not known",
      text: `{ shared, ... }:
{
  environment.persistence."/persist".directories = [ "/var/log" ] ++ shared;
}
`,
      host: `
/persist/var/lib/headscale/ full
`,
    },
  ],
};

/** Paths named in one message, and offered. */
const maximumNamed = 8;
/** More are not looked for. */
const mostFound = 200;
/** Where entries put things. What else a storage has was put there by hand. */
const usual = ["/var", "/etc", "/home", "/root", "/srv", "/opt"];

function check(context: LiveContext): LiveProblem[] {
  const { scan, whole } = context;
  if (!whole) return [];
  return (scan.deployed?.storages ?? []).flatMap((stored): LiveProblem[] => {
    const storage = normalise(stored.storage);
    // What is bound from elsewhere is no storage of the configuration's.
    if (!context.storages.some(({ path }) => path === storage)) return [];
    const orphans = orphansOf(context, stored);
    if (orphans.length === 0) return [];
    const named = orphans.slice(0, maximumNamed).map((path) => `${path}${sizeOf(stored, path)}`);
    const list = `${named.join(", ")}${orphans.length > maximumNamed ? ", …" : ""}`;
    return [
      {
        place: storagePlace(context, storage),
        message: `${storage} of ${scan.host} has ${countOf(orphans.length)} that nothing declares: ${list}. What is persisted no more stays in the storage until you remove it.`,
        fixes: orphans.slice(0, maximumNamed).flatMap((path) => persistAgain(context, storage, path)),
      },
    ];
  });
}

/** The topmost paths of a storage that belong to no entry. */
function orphansOf(context: LiveContext, { storage, paths }: StoredTree): string[] {
  const { coverage, entries, scan } = context;
  const base = normalise(storage);
  const mounted = scan.mounts.map(({ mountPoint }) => mountPoint);
  const kept = new Set([...coverage.directories, ...coverage.files, ...entries.map(({ path }) => path), ...mounted]);
  const above = new Set([...kept].flatMap(foldersAbove));
  const homes = new Set(scan.users.filter(({ uid }) => uid >= 1000).map(({ home }) => normalise(home)));
  const found: string[] = [];
  for (const path of [...paths.keys()].sort()) {
    if (!usual.some((folder) => isBelow(path, folder))) continue;
    if (above.has(path) || kept.has(path) || homes.has(path) || isShared(path)) continue;
    if (foldersAbove(path).some((folder) => kept.has(folder) || found.includes(folder))) continue;
    if (isMentioned(context, path) || isMentioned(context, `${base}${path}`)) continue;
    found.push(path);
    if (found.length === mostFound) break;
  }
  return found;
}

/** Folders in which every entry has its own: they say nothing by themselves. */
function isShared(path: string): boolean {
  return /^\/(?:var\/(?:lib|cache|spool|db)(?:\/private)?|home\/[^/]+(?:\/\.(?:config|local|cache|local\/share|local\/state))?)$/.test(
    path,
  );
}

function countOf(count: number): string {
  if (count === 1) return "a path";
  return count === mostFound ? `${count} paths or more` : `${count} paths`;
}

/** How much a path holds, where all that lies in it was looked at; else nothing. */
function sizeOf({ paths, listed }: StoredTree, path: string): string {
  const seen = paths.get(path);
  if (seen?.type === "file") return ` (${formatBytes(seen.size)})`;
  if (seen?.type !== "directory") return "";
  if (seen.empty === true) return " (empty)";
  let bytes = 0;
  for (const [at, one] of paths) {
    if (at !== path && !at.startsWith(`${path}/`)) continue;
    if (one.type === "directory" && !listed.has(at)) return "";
    bytes += one.size;
  }
  return ` (${formatBytes(bytes)})`;
}
