import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { parseMountinfo } from "../../server/src/hosts/mountinfo";
import { readDeployed } from "../../server/src/hosts/readDeployed";
import { localConnection } from "./support/local";
import { nixos, store } from "./support/nixos";
import { scan, temporaryFolder, write } from "./support/root";
import { toolsWithout } from "./support/tools";

const configured = (directories: readonly string[], files: readonly string[] = [], storages = ["/persist"]) => ({
  configured: () => ({ storages, directories, files }),
});

test("units and tmpfiles rules of a root that does not run are read from their files", async (context) => {
  const root = temporaryFolder(context);
  write(root, nixos);
  const sent: Buffer[] = [];
  const tamper = (chunk: Buffer) => {
    sent.push(Buffer.from(chunk));
    return chunk;
  };
  const connection = localConnection({ tamper });
  const { deployed } = await scan(connection, root);
  assert.deepEqual(
    deployed?.units.map(({ name, user, stateDirectories, cacheDirectories, program }) => [
      name,
      user,
      stateDirectories,
      cacheDirectories,
      program,
    ]),
    [
      ["backup@srv.service", null, ["/var/lib/backup/srv"], [], null],
      ["dev-disk-by\\x2dlabel.service", "label", [], [], null],
      [
        "forgejo.service",
        "forgejo",
        ["/var/lib/forgejo", "/var/lib/forgejo/custom", "/var/lib/with space"],
        ["/var/cache/forgejo"],
        "forgejo-11.0.3/bin/gitea",
      ],
    ],
  );
  assert.deepEqual(
    deployed?.tmpfiles.map(({ type, path: at, mode, user, file }) => [type, at, mode, user, file]),
    [
      ["d", "/var/lib/for gejo", "0750", "forgejo", "forgejo.conf"],
      ["f", "/run/token", "0600", "root", "forgejo.conf"],
      ["d", "/var/lib/tab", null, null, "forgejo.conf"],
      ["d", "/var/lib/more", null, null, "more.conf"],
    ],
  );
  assert.deepEqual(deployed?.notes, []);
  assert.ok((deployed?.space?.total ?? 0) > (deployed?.space?.free ?? 0));
  assert.ok(!Buffer.concat(sent).includes("secret-"), "no secret leaves the host");
});

test("links of units do not lead out of the root", async (context) => {
  const outside = temporaryFolder(context);
  write(outside, { "evil.service": "[Service]\nUser=outside\n", "units/other.service": "[Service]\nUser=outside\n" });
  const root = temporaryFolder(context);
  write(root, {
    "etc/systemd/system/evil.service": { link: path.join(outside, "evil.service") },
    "etc/systemd/system/up.service": { link: `${"../".repeat(20)}${outside}/evil.service` },
    "etc/systemd/system/loop.service": { link: "loop.service" },
    "etc/systemd/system/good.service": "[Service]\nUser=good\n",
    "run/tmpfiles.d": { link: outside },
  });
  const { deployed } = await scan(localConnection(), root);
  assert.deepEqual(
    deployed?.units.map(({ name, user }) => [name, user]),
    [["good.service", "good"]],
  );
});

test("what is stored is shown as far as nothing is persisted as a whole", async (context) => {
  const root = temporaryFolder(context);
  write(root, {
    ...nixos,
    "persist/var/lib/forgejo/data/db": "x",
    "persist/var/lib/empty/": "",
    "persist/var/lib/orphan/deep/er/file": "12345",
    "persist/var/lib/orphan2/": "",
    "persist/var/log/messages": "x",
    "persist/etc/machine-id": "0123",
    "persist/etc/empty-file": "",
    "persist/etc/link": { link: "@else\n#0" },
    "persist/home/josh/.ssh/id": "x",
    "persist/home/josh/odd\nna me ${HOME} $(touch pwned)/x": "x",
  });
  const directories = [
    "/var/lib/forgejo",
    "/var/lib/empty",
    "/var/log",
    "/var/lib/absent",
    "/home/josh/.ssh",
    "/home/josh/.ssh/sub",
  ];
  const { deployed } = await scan(localConnection(), root, configured(directories, ["/etc/machine-id", "/etc/none"]));
  const [tree, ...others] = deployed?.storages ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual([tree?.storage, tree?.present], ["/persist", true]);
  assert.deepEqual([...(tree?.paths.keys() ?? [])].sort(), [
    "/etc",
    "/etc/empty-file",
    "/etc/link",
    "/etc/machine-id",
    "/home",
    "/home/josh",
    "/home/josh/.ssh",
    "/home/josh/odd\nna me ${HOME} $(touch pwned)",
    "/home/josh/odd\nna me ${HOME} $(touch pwned)/x",
    "/var",
    "/var/lib",
    "/var/lib/empty",
    "/var/lib/forgejo",
    "/var/lib/orphan",
    "/var/lib/orphan/deep",
    "/var/lib/orphan/deep/er",
    "/var/lib/orphan/deep/er/file",
    "/var/lib/orphan2",
    "/var/log",
  ]);
  const not = ["/var/lib/forgejo", "/var/log", "/home/josh/.ssh"];
  const folders = [...(tree?.paths ?? [])].filter(([at, { type }]) => type === "directory" && !not.includes(at));
  assert.deepEqual([...(tree?.listed ?? [])].sort(), ["/", ...folders.map(([at]) => at)].sort());
  const empty = (at: string) => tree?.paths.get(at)?.empty;
  assert.deepEqual(
    ["/var/lib/empty", "/var/lib/forgejo", "/var/lib/orphan2", "/etc/empty-file", "/etc/machine-id"].map(empty),
    [true, false, true, true, false],
  );
  assert.equal(tree?.paths.get("/etc/link")?.target, "@else\n#0");
  assert.equal(tree?.paths.get("/var/lib/orphan/deep/er/file")?.size, 5);
});

test("live paths are there, are not there, or are not known", async (context) => {
  const root = temporaryFolder(context);
  write(root, {
    "etc/passwd": "root:x:0:0::/root:\njosh:x:4242:4343::/home/josh:\n",
    "etc/group": "people:x:4343:\n",
    "var/lib/forgejo/x": "1",
    "var/lib/empty/": "",
    "var/file": "12",
    "var/dangling": { link: "/persist/nothing" },
    elsewhere: { link: "/etc" },
  });
  chmodSync(path.join(root, "var/lib/forgejo"), 0o2750);
  utimesSync(path.join(root, "var/file"), 1_700_000_000, 1_700_000_000);
  const asked = [
    "/var/lib/forgejo",
    "/var/lib/empty",
    "/var/lib/none/deep",
    "/var/file/below",
    "/elsewhere/passwd",
    "/-rf $(touch pwned)\n'\"",
  ];
  const files = ["/var/file", "/var/dangling"];
  const { deployed } = await scan(localConnection(), root, configured(asked, files, []));
  const live = deployed?.live ?? new Map();
  assert.deepEqual([...live.keys()].sort(), [
    "/",
    "/-rf $(touch pwned)\n'\"",
    "/elsewhere",
    "/var",
    "/var/dangling",
    "/var/file",
    "/var/file/below",
    "/var/lib",
    "/var/lib/empty",
    "/var/lib/forgejo",
    "/var/lib/none",
    "/var/lib/none/deep",
  ]);
  const absent = ["/-rf $(touch pwned)\n'\"", "/var/file/below", "/var/lib/none", "/var/lib/none/deep"];
  assert.deepEqual(
    [...live]
      .filter(([, seen]) => seen === null)
      .map(([at]) => at)
      .sort(),
    absent,
  );
  assert.deepEqual(
    [live.get("/var/lib/forgejo")?.mode, live.get("/var/lib/forgejo")?.empty, live.get("/var/lib/empty")?.empty],
    ["2750", false, true],
  );
  assert.equal(live.get("/var/dangling")?.target, "/persist/nothing");
  const { mtime, size, empty, type } = live.get("/var/file") ?? {};
  assert.deepEqual([type, size, mtime, empty], ["file", 2, 1_700_000_000, false]);
});

test("owners have the names of that root", {
  skip: process.getuid?.() !== 0 && "needs to be root",
}, async (context) => {
  const root = temporaryFolder(context);
  write(root, {
    "etc/passwd": "josh:x:4242:4343::/home/josh:\ntwin:x:4242:4343::/:\n",
    "etc/group": "people:x:4343:\n",
    "home/josh/": "",
    "home/mia/": "",
  });
  spawnSync("chown", ["4242:4343", path.join(root, "home/josh")]);
  spawnSync("chown", ["77:78", path.join(root, "home/mia")]);
  const { deployed } = await scan(localConnection(), root, configured(["/home/josh", "/home/mia"]));
  const owner = (at: string) => [deployed?.live.get(at)?.user, deployed?.live.get(at)?.group];
  assert.deepEqual(["/home/josh", "/home/mia", "/"].map(owner), [
    ["josh", "people"],
    ["77", "78"],
    ["root", "root"],
  ]);
});

test("as root a storage that is not there is known not to be", {
  skip: process.getuid?.() !== 0 && "needs to be root",
}, async (context) => {
  const root = temporaryFolder(context);
  write(root, { "etc/passwd": "", "a-file": "" });
  const { deployed } = await scan(
    localConnection(),
    root,
    configured([], [], ["/none", "/a-file", "/", "relative", "/a/../b"]),
  );
  assert.deepEqual(
    deployed?.storages.map(({ storage, present, paths, listed }) => [storage, present, paths.size, listed.size]),
    [
      ["/none", false, 0, 0],
      ["/a-file", false, 0, 0],
    ],
  );
});

test("a recorded root tells nothing of mounts that are only recorded", async (context) => {
  const root = temporaryFolder(context);
  write(root, {
    "proc/self/mountinfo":
      "22 1 0:30 /@root / rw - btrfs /dev/a rw\n25 22 0:30 /@p /persist rw - btrfs /dev/a rw\n27 22 0:30 /@p/var/log /var/log rw - btrfs /dev/a rw\n",
    "proc/stat": "btime 1795000000\n",
    "var/log/": "",
    "persist/": "",
    "var/lib/": "",
  });
  const { deployed } = await scan(localConnection(), root, configured(["/var/log", "/var/lib/x"]));
  assert.deepEqual([...(deployed?.live ?? [])].map(([at]) => at).sort(), ["/", "/var", "/var/lib", "/var/lib/x"]);
  assert.deepEqual([deployed?.storages, deployed?.space], [[], null]);
});

/** A root of `/` on this machine, with a stand-in for its systemctl. */
async function ofThisMachine(context: TestContext, systemctl: string | null, patience = 60_000) {
  const bin = toolsWithout(path.join(temporaryFolder(context), "bin"), []);
  for (const tool of ["awk", "sed", "xargs", "readlink", "timeout", "tail"]) {
    const { stdout } = spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" });
    if (tool !== "xargs") symlinkSync(stdout.trim(), path.join(bin, tool));
  }
  if (systemctl !== null) writeFileSync(path.join(bin, "systemctl"), `#!/bin/sh\n${systemctl}`, { mode: 0o755 });
  const mounts = parseMountinfo(Buffer.from(""));
  return readDeployed(localConnection({ env: { PATH: bin } }), {
    root: "/",
    situation: { mounts, here: mounts, recorded: false },
    users: [],
    groups: new Map(),
    configured: { storages: [], directories: [], files: [] },
    plain: null,
    elevate: "no",
    signal: new AbortController().signal,
    log: () => {},
    patience,
  });
}

test("units of a running systemd are asked of systemctl, without the arguments of programs", async (context) => {
  const deployed = await ofThisMachine(
    context,
    `test "$*" = "show --no-pager --type=service --all -p Id -p Description -p ActiveState -p DynamicUser -p User -p Group -p StateDirectory -p CacheDirectory -p LogsDirectory -p ConfigurationDirectory -p ExecStart" || exit 1
cat <<'EOF'
ExecStart={ path=${store}-a-1/bin/a ; argv[]=${store}-a-1/bin/a --token secret
User=forged ; more ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
User=a
Id=a.service
Description=A; b
ActiveState=active
Environment=secret

Id=b.service
EOF
`,
  );
  assert.deepEqual(
    deployed.units.map(({ name, user, description, program, state }) => [name, user, description, program, state]),
    [
      ["a.service", "a", "A; b", "a-1/bin/a", "active"],
      ["b.service", null, "", null, "unknown"],
    ],
  );
  assert.deepEqual(deployed.notes, []);
});

test("what takes too long is given up, and that is told", async (context) => {
  const deployed = await ofThisMachine(context, "exec /bin/sleep 3", 300);
  assert.deepEqual([deployed.units, deployed.storages, deployed.live.size], [[], [], 0]);
  assert.deepEqual(deployed.notes, ["What the host runs from could not be read: it took too long."]);
});

test("where systemctl gives no answer, that is told, and the files are read", async (context) => {
  const failing = await ofThisMachine(context, "echo 'System has not been booted with systemd' >&2; exit 1");
  assert.match(failing.notes.join("\n"), /systemctl gives no answer|No units of systemd/);
  const none = await ofThisMachine(context, null);
  assert.deepEqual(none.units, failing.units);
});

test("busybox awk reads the same", {
  skip: spawnSync("busybox", ["awk", "BEGIN{}"]).status !== 0 && "busybox is not installed",
}, async (context) => {
  const root = temporaryFolder(context);
  write(root, nixos);
  const bin = path.join(temporaryFolder(context), "bin");
  mkdirSync(bin);
  const { stdout } = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" });
  symlinkSync(stdout.trim(), path.join(bin, "awk"));
  const ours = await scan(localConnection(), root);
  const theirs = await scan(localConnection({ env: { PATH: `${bin}:${process.env["PATH"]}` } }), root);
  assert.deepEqual(theirs.deployed?.units, ours.deployed?.units);
  assert.deepEqual(theirs.deployed?.tmpfiles, ours.deployed?.tmpfiles);
});
