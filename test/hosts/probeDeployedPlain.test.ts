// What a host without the GNU tools runs from: the same as GNU find tells, or unknown.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import type { Deployed, SeenPath } from "../../server/src/hosts/model";
import type { HostConnection } from "../../server/src/hosts/port";
import { localConnection } from "./support/local";
import { nixos } from "./support/nixos";
import { scan, temporaryFolder, write } from "./support/root";
import { busybox, busyboxPath, posixPath, toolsWithout } from "./support/tools";

const asRoot = process.getuid?.() === 0;
const units = ["awk", "readlink", "timeout"];

/** How the host is reached, and the root below which it has `folder`. */
type Reach = (context: TestContext, folder: string) => { readonly connection: HostConnection; readonly root: string };

const withPath =
  (pathOf: (context: TestContext) => string): Reach =>
  (context, root) => ({ connection: localConnection({ env: { PATH: pathOf(context) } }), root });

/** The folder becomes a host of its own whose every program, /bin/sh too, is BusyBox. */
const inRoot: Reach = (_, folder) => {
  mkdirSync(path.join(folder, "bin"));
  mkdirSync(path.join(folder, "dev"));
  copyFileSync(busybox ?? "", path.join(folder, "bin/busybox"));
  chmodSync(path.join(folder, "bin/busybox"), 0o755);
  const { stdout } = spawnSync(busybox ?? "", ["--list"], { encoding: "utf8" });
  for (const tool of stdout
    .trim()
    .split("\n")
    .filter((each) => each !== "busybox"))
    symlinkSync("busybox", path.join(folder, "bin", tool));
  spawnSync("mknod", [path.join(folder, "dev/null"), "c", "1", "3"]);
  return {
    connection: localConnection({ env: { PATH: "/usr/sbin:/usr/bin:/bin" }, shell: ["chroot", folder, "/bin/sh"] }),
    root: "/",
  };
};

const noBusybox = busybox === undefined && "busybox is not installed";
const isStatic = busybox !== undefined && !readFileSync(busybox).includes("/lib64/ld-");
const kinds: readonly (readonly [string, Reach, string | false])[] = [
  ["BusyBox on the PATH", withPath(busyboxPath), noBusybox],
  [
    "BusyBox alone",
    inRoot,
    noBusybox || (!asRoot && "needs to be root") || (!isStatic && "this busybox needs libraries"),
  ],
  ["what POSIX has", withPath((context) => posixPath(context, units)), false],
];

const hostile = [
  "-rf",
  "--",
  " leading and trailing ",
  "tab\tand\rcontrol\u0007",
  "*?[a]",
  "back\\slash\\012",
  "$(touch pwned)'\"`",
  "n".repeat(255),
  "ünï\u{1f600}",
  "arrow -> arrow",
  "with\nbreak",
  "with\n./var",
  "with\n/0",
  "\n",
  "+plus\n+plus",
];

const folders = [
  "/var/lib/forgejo",
  "/var/lib/empty",
  "/var/lib/absent",
  "/var/lib/absent/deep",
  "/var/log",
  "/var/file/below",
  "/home/josh/.ssh",
  ...hostile.flatMap((name) => [`/srv/${name}`, `/srv/in/${name}/deep`, `/srv/absent/${name}`]),
];
const files = [
  "/etc/machine-id",
  "/etc/none",
  "/var/file",
  "/var/dangling",
  ...hostile.map((name) => `/links/${name}`),
];

function hostileHost(context: TestContext): string {
  const root = temporaryFolder(context);
  const storage: Record<string, string> = {};
  for (const name of hostile) {
    storage[`srv/${name}/x`] = "x";
    storage[`srv/in/${name}/deep/`] = "";
    storage[`orphans/${name}`] = "12";
    storage[`orphans/empty ${name}`.slice(0, 200).concat("/")] = "";
  }
  write(root, {
    ...nixos,
    "etc/group": "people:x:4343:\n",
    "var/lib/forgejo/x": "1",
    "var/lib/empty/": "",
    "var/file": "12",
    "var/dangling": { link: "/persist/nothing" },
    "persist/var/lib/forgejo/data/db": "x",
    "persist/var/lib/empty/": "",
    "persist/var/lib/orphan/deep/er/file": "12345",
    "persist/var/lib/orphan2/.hidden": "",
    "persist/var/log/messages": "x",
    "persist/etc/machine-id": "0123",
    "persist/etc/empty-file": "",
    "persist/etc/link": { link: "line\n#0 -> x" },
    linked: { link: "persist" },
    ...Object.fromEntries(
      Object.entries(storage).flatMap(([at, made]) => [
        [`persist/${at}`, made],
        [at, made],
      ]),
    ),
    ...Object.fromEntries(hostile.map((name) => [`links/${name}`, { link: `to ${name}\n -> ${name}\n` }])),
  });
  writeFileSync(Buffer.concat([Buffer.from(`${root}/persist/orphans/bad`), Buffer.from([0xff, 0xfe])]), "same");
  chmodSync(path.join(root, "var/lib/forgejo"), 0o2750);
  chmodSync(path.join(root, "var/file"), 0o4711);
  utimesSync(path.join(root, "var/file"), 1_700_000_000, 1_700_000_000);
  return root;
}

const configured = {
  configured: () => ({ storages: ["/persist", "/linked", "/none", "/var/file"], directories: folders, files }),
};

/** Text that is the same for the same path; times to the minute, and those of long ago to the day, as `ls` has them. */
function brief(seen: SeenPath | null): string {
  if (seen === null) return "absent";
  const grain = seen.mtime < Date.now() / 1000 - 100 * 86_400 ? 86_400 : 60;
  return JSON.stringify({ ...seen, mtime: Math.floor(seen.mtime / grain) });
}

function told(deployed: Deployed | null, isKnown: (at: string) => boolean = () => true) {
  assert.ok(deployed !== null);
  const { live, storages, units: services, tmpfiles, notes } = deployed;
  const sorted = (of: ReadonlyMap<string, SeenPath | null>) =>
    [...of]
      .filter(([at]) => isKnown(at))
      .map(([at, seen]) => `${at} ${brief(seen)}`)
      .sort();
  return {
    live: sorted(live),
    storages: storages.map(({ storage, present, paths, listed }) => ({
      storage,
      present,
      paths: sorted(paths),
      listed: [...listed].sort(),
    })),
    services,
    tmpfiles,
    notes,
  };
}

/** A folder of the storage with a line break in its name is there, and what it holds is not told. */
const inBreak = (at: string) => /\n[^/]*\//.test(at);

for (const [name, reach, skip] of kinds) {
  test(`${name}: the same is told as with the GNU tools`, { skip }, async (context) => {
    const root = hostileHost(context);
    const gnu = told((await scan(localConnection(), root, configured)).deployed);
    const host = reach(context, root);
    const { deployed } = await scan(host.connection, host.root, configured);
    const plain = told(deployed);
    const empty = (at: string) => [...(deployed?.live.get(at) === null ? [] : [deployed?.live.get(at)?.empty])];
    // What the host is made of was not there before.
    const own = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("/ "));
    assert.deepEqual(own(plain.live), own(gnu.live));
    assert.deepEqual([empty("/var/lib/empty"), empty("/srv/with\n./var")], [[true], [false]]);
    for (const [index, { storage, present, paths, listed }] of gnu.storages.entries()) {
      const ours = plain.storages[index];
      assert.deepEqual([ours?.storage, ours?.present], [storage, present]);
      assert.deepEqual(
        ours?.paths,
        paths.filter((at) => !inBreak(at.slice(0, at.indexOf(" {")))),
      );
      // Those are not said to be listed, and are no empty folders.
      assert.deepEqual(
        ours?.listed,
        listed.filter((at) => !inBreak(`${at}/`) || deployed?.storages[index]?.paths.get(at)?.empty === true),
      );
    }
    assert.equal(deployed?.storages.length, 4);
    assert.deepEqual(plain.services, gnu.services);
    assert.deepEqual(plain.tmpfiles, gnu.tmpfiles);
    assert.deepEqual(
      plain.notes.filter((note) => !note.includes("systemctl")),
      gnu.notes,
    );
    assert.ok((deployed?.space?.total ?? 0) > (deployed?.space?.free ?? 0));
  });
}

test("with hardly a tool the rest is told, and what is missing is said", async (context) => {
  const root = hostileHost(context);
  const PATH = posixPath(context);
  const { deployed } = await scan(localConnection({ env: { PATH } }), root, configured);
  assert.deepEqual([deployed?.units, deployed?.tmpfiles], [[], []]);
  assert.match(deployed?.notes.join("\n") ?? "", /Units and tmpfiles rules were not read: the host has no awk/);
  assert.equal(deployed?.live.get("/var/dangling")?.target, "/persist/nothing");
  // Without readlink: `ls` could have put the question mark there.
  assert.ok(deployed?.unknown?.has("/links/*?[a]"));
  assert.ok(!deployed?.live.has("/links/*?[a]"));
  assert.match(deployed?.notes.join("\n") ?? "", /Of \/links\/\*\?\[a\] no more is known than that it is there/);
  assert.equal(deployed?.live.get("/links/--")?.target, "to --\n -> --\n");
  assert.equal(deployed?.storages[0]?.paths.get("/etc/link")?.target, "line\n#0 -> x");
});

test("a find that fails leaves nothing said to be absent", async (context) => {
  const root = temporaryFolder(context);
  write(root, { "persist/var/lib/forgejo/x": "1", "persist/var/lib/other/": "" });
  const PATH = toolsWithout(temporaryFolder(context), ["stat", "sort", "xargs", "find"], ["cmp", "date", "ls"]);
  writeFileSync(
    path.join(PATH, "find"),
    `#!/bin/sh\ncase $* in *-xdev*) echo ./var; exit 1 ;; *) exec /usr/bin/find "$@" ;; esac\n`,
    { mode: 0o755 },
  );
  const { deployed } = await scan(localConnection({ env: { PATH } }), root, {
    configured: () => ({ storages: ["/persist"], directories: ["/var/lib/forgejo"], files: [] }),
  });
  assert.deepEqual([...(deployed?.storages[0]?.listed ?? [])], []);
  assert.equal(deployed?.storages[0]?.paths.get("/var")?.type, "directory");
});
