import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTree } from "../../../server/src/hosts/tree";
import { buildReport, recommended } from "../../../server/src/scan/report";
import { boot, coverage, mount, outline, records, scanOf } from "./roots";

const listOf = (lines: string, kept = coverage()): string[] => outline(buildReport(scanOf(lines), kept));
const ignoredOf = (lines: string, kept = coverage()) => buildReport(scanOf(lines), kept).ignored;

test("what commands put aside after a copy is not told as state", () => {
  const lines = `
/var/lib/headscale.before-persist/ @headscale 0750
/var/lib/headscale.before-persist/db.sqlite 4000 @headscale
/home/josh/notes.txt.before-persist 10
`;
  assert.deepEqual(listOf(lines), []);
  assert.deepEqual(ignoredOf(lines), { temporary: 2 });
});

test("a candidate carries what an edit needs", () => {
  const report = buildReport(
    scanOf(`
/var/lib/headscale/ @headscale 0750
/var/lib/headscale/db.sqlite 4000 @headscale
/var/lib/headscale/noise_private.key 72 @headscale 0600
`),
    coverage(),
  );
  assert.deepEqual(report.candidates, [
    {
      path: "/var/lib/headscale",
      kind: "directory",
      status: "new",
      verdict: "persist",
      reason:
        "State of Headscale. If lost: all nodes, users and pre-auth keys are lost and every client must register again because the server noise key changes. On the host: 2 files, 4.1 kB, owned by headscale, written since boot.",
      about:
        "State of Headscale. If lost: all nodes, users and pre-auth keys are lost and every client must register again because the server noise key changes.",
      by: { source: "owner", unit: null, user: "headscale", program: "Headscale", text: "owned by headscale" },
      section: "services",
      bytes: 4072,
      files: 2,
      user: "headscale",
      group: "headscale",
      mode: "0750",
      mtime: boot + 100,
      homeOf: null,
      unwritable: null,
    },
  ]);
  assert.equal(report.bootTime, new Date(boot * 1000).toISOString());
});

test("an owner without a name is shown as a number, and no boot time as none", () => {
  const scan = scanOf("/var/lib/foo/x @777", { bootTime: null, groups: new Map() });
  const [candidate] = buildReport(scan, coverage()).candidates;
  assert.deepEqual([candidate?.user, candidate?.group], ["root", "root"]);
  assert.doesNotMatch(candidate?.reason ?? "", /since boot/);
  const [file] = buildReport(scanOf("/etc/foo @777"), coverage()).candidates;
  assert.deepEqual([file?.user, file?.verdict], ["777", "probably"]);
  const [nameless] = buildReport(
    scanOf("/var/lib/headscale/x", { users: [], groups: new Map() }),
    coverage(),
  ).candidates;
  assert.deepEqual([nameless?.user, nameless?.group], ["root", "root"]);
  assert.match(nameless?.reason ?? "", /owned by root/);
  assert.equal(buildReport(scan, coverage()).bootTime, null);
});

test("what is declared, stored or a mount of its own is no candidate", () => {
  assert.deepEqual(listOf("/var/lib/headscale/x\n/persist/a", coverage(["/var/lib/headscale"])), []);
  assert.deepEqual(listOf("/var/lib/headscale/x", coverage(["/var/lib"])), []);
  assert.deepEqual(listOf("/var/lib/headscale/x", coverage(["/"])), []);
  assert.deepEqual(listOf("/etc/machine-id", coverage([], ["/etc/machine-id"])), []);
  const mounts = [mount("/"), mount("/var/lib/headscale"), mount("/etc/machine-id")];
  const scan = scanOf("/var/lib/headscale/x\n/etc/machine-id\n/var/lib/headscale2/x", { mounts });
  assert.deepEqual(outline(buildReport(scan, coverage())), ["probably /var/lib/headscale2/"]);
});

test("a path that was just declared disappears from the report of the same scan", () => {
  const scan = scanOf("/var/lib/headscale/x\n/var/lib/grafana/x");
  assert.equal(buildReport(scan, coverage()).candidates.length, 2);
  assert.deepEqual(outline(buildReport(scan, coverage(["/var/lib/grafana"]))), ["persist /var/lib/headscale/"]);
});

test("a folder with something persistent inside is proposed in parts", () => {
  const forgejo = "/var/lib/forgejo/data/x\n/var/lib/forgejo/repositories/a\n/var/lib/forgejo/app.ini";
  const parts = listOf(forgejo, coverage(["/var/lib/forgejo/repositories"]));
  assert.deepEqual(parts, ["persist /var/lib/forgejo/app.ini", "persist /var/lib/forgejo/data/"]);
  const [part] = buildReport(scanOf(forgejo), coverage(["/var/lib/forgejo/repositories"])).candidates;
  assert.match(part?.reason ?? "", /^Part of Forgejo\. If lost: /);
  assert.deepEqual(
    listOf("/home/josh/.ssh/id_ed25519\n/home/josh/.ssh/known_hosts", coverage([], ["/home/josh/.ssh/known_hosts"])),
    ["persist /home/josh/.ssh/id_ed25519"],
  );
  assert.deepEqual(listOf("/var/log/a/x\n/var/log/journal/x", coverage(["/var/log/journal"])), [
    "probably /var/log/a/",
  ]);
});

test("mounts that programs make for themselves do not split a folder, disks do", () => {
  const lines = "/var/lib/docker/volumes/a/x\n/var/lib/docker/overlay2/l/merged/";
  const merged = "/var/lib/docker/overlay2/l/merged";
  const passing = scanOf(lines, { mounts: [mount("/"), mount(merged, "overlay")] });
  assert.deepEqual(outline(buildReport(passing, coverage())), ["persist /var/lib/docker/"]);
  const disk = scanOf(lines, { mounts: [mount("/"), mount("/var/lib/docker/overlay2", "ext4")] });
  assert.deepEqual(outline(buildReport(disk, coverage())), ["persist /var/lib/docker/volumes/"]);
});

test("folders shared by many programs are never proposed themselves", () => {
  const lines = ["/x", "/var/x", "/var/lib/x", "/var/spool/x", "/etc/x", "/home/x", "/srv/x", "/opt/x", "/root/x"]
    .concat(
      [".config/x", ".local/share/x", ".local/state/x", ".local/x", ".var/x", "x"].map((path) => `/home/josh/${path}`),
    )
    .concat(["/var/lib/systemd/x", "/var/lib/private/x", "/var/db/x", "/home/gone/x"]);
  const report = buildReport(scanOf(lines.join("\n")), coverage());
  assert.deepEqual(report.candidates.map((candidate) => candidate.path).sort(), [...lines].sort());
});

test("homes: root's is the system's, a person's is the person's, a service's is its state", () => {
  const report = buildReport(
    scanOf("/root/.ssh/id_ed25519\n/home/josh/.ssh/id\n/home/gone/.ssh/id\n/var/lib/forgejo/.ssh/id"),
    coverage(),
  );
  assert.deepEqual(report.candidates.map((candidate) => [candidate.path, candidate.homeOf?.user ?? null]).sort(), [
    ["/home/gone/.ssh", null],
    ["/home/josh/.ssh", "josh"],
    ["/root/.ssh", null],
    ["/var/lib/forgejo", null],
  ]);
});

test("a home elsewhere is a home, and the folder above it is not proposed", () => {
  const users = [{ name: "ann", uid: 1001, gid: 100, home: "/data/people/ann" }];
  const report = buildReport(scanOf("/data/people/ann/.ssh/id\n/data/people/notes", { users }), coverage());
  assert.deepEqual(outline(report), ["persist /data/people/ann/.ssh/", "probably /data/people/notes"]);
});

test("a folder is descended into for the known things it holds, unless it holds more", () => {
  assert.deepEqual(listOf("/home/josh/.mozilla/firefox/x"), ["persist /home/josh/.mozilla/firefox/"]);
  assert.deepEqual(listOf("/home/josh/.mozilla/firefox/x\n/home/josh/.mozilla/seamonkey/x"), [
    "persist /home/josh/.mozilla/",
  ]);
});

test("/etc: what NixOS could make, what is private, what a service wrote, what is known", () => {
  assert.deepEqual(
    listOf(`
/etc/foo.conf
/etc/bar/link -> /etc/static/bar/link
/etc/bar/plain
/etc/wireguard/wg0.key 45 0600
/etc/app/state @postgres
/etc/app/ @postgres
/etc/zfs/zpool.cache
/etc/zfs/zed.d/zed.rc -> /etc/static/zfs/zed.d/zed.rc
/etc/ssh/ssh_host_ecdsa_key 200 0600
/etc/nixos/flake.nix
`),
    [
      "persist /etc/ssh/ssh_host_ecdsa_key",
      "persist /etc/zfs/zpool.cache",
      "probably /etc/nixos/",
      "probably /etc/app/",
      "probably /etc/wireguard/",
      "declare /etc/bar/plain",
      "declare /etc/foo.conf",
    ],
  );
});

test("files replaced by rename are not recommended alone", () => {
  const report = buildReport(scanOf("/home/josh/.zsh_history\n/home/josh/.bash_history"), coverage());
  assert.deepEqual(
    recommended(report).map((candidate) => candidate.path),
    ["/home/josh/.bash_history"],
  );
  assert.match(report.candidates.find((candidate) => candidate.path.includes("zsh"))?.reason ?? "", /renaming/);
});

test("noise is folded and counted by reason", () => {
  const ignored = ignoredOf(
    `
/var/lib/a/x -> /nix/store/x
/var/lib/b -> /persist/b
/var/lib/c -> headscale
/var/lib/d/run.pid
s:/var/lib/e/socket
p:/var/lib/e/pipe
/var/lib/f/
/var/lib/g/cache/x
/var/lib/h/x.tmp
regenerated /var/lib/i/x
/etc/passwd
/var/lib/geoclue/x
/var/lib/headscale/x
`,
    coverage(["/var/lib/headscale"]),
  );
  assert.deepEqual(ignored, {
    "linked into the Nix store": 1,
    "linked into the storage": 2,
    "for locking (lock and pid files)": 1,
    "without contents (sockets, pipes, devices)": 2,
    empty: 1,
    "in caches": 2,
    temporary: 1,
    "regenerated at each boot": 1,
    "made by NixOS at activation": 1,
  });
});

test("a big cache is shown last, a small one only counted", () => {
  const lines =
    "/var/cache/big/x 20000000\n/var/cache/small/x 200\n/home/josh/.cache/a/x 6000000\n/home/josh/.cache/b/x 6000000";
  assert.deepEqual(listOf(`${lines}\n/etc/foo`), [
    "declare /etc/foo",
    "ignore /home/josh/.cache/",
    "ignore /var/cache/big/",
  ]);
  const report = buildReport(scanOf(lines), coverage(), { cacheFrom: 100 });
  assert.equal(report.candidates.length, 3);
});

test("what programs can make again is never among what to persist, their state is", () => {
  const crates =
    "/root/.cargo/registry/cache/a.crate 30000000\n/root/.cargo/git/db/x 10\n/root/.cargo/.package-cache 1\n";
  assert.deepEqual(listOf(crates), ["ignore /root/.cargo/ (changed)"]);
  assert.deepEqual(listOf(`${crates}/root/.cargo/credentials.toml 40\n`), ["persist /root/.cargo/"]);
  assert.deepEqual(listOf(crates.replaceAll("30000000", "30")), []);
  assert.deepEqual(listOf("/root/.rustup/toolchains/stable/bin/rustc 30"), ["persist /root/.rustup/"]);
  assert.deepEqual(
    listOf(
      "/home/josh/.vscode-server/bin/x/node 30\n/var/cache/restic-backups-home/index/x 30\n/root/.cache/borg/x 30",
    ),
    ["probably /var/cache/restic-backups-home/", "probably /home/josh/.vscode-server/", "probably /root/.cache/borg/"],
  );
});

test("a cache folder that is partly persistent is shown in parts", () => {
  const lines = "/home/josh/.cache/a/x 20000000\n/home/josh/.cache/b/x 20000000";
  assert.deepEqual(listOf(lines, coverage(["/home/josh/.cache/b"])), ["ignore /home/josh/.cache/a/"]);
});

test("of thousands of loose files the largest are shown and the others counted", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `/srv/f${index} ${index + 1}`).join("\n");
  const report = buildReport(scanOf(`${lines}\n/var/lib/headscale/x`), coverage());
  assert.equal(report.candidates.length, 201);
  assert.equal(report.ignored["among many loose paths in one folder"], 800);
  assert.ok(report.candidates.some((candidate) => candidate.path === "/srv/f999"));
});

test("names that Nix cannot hold are shown but not recommended; odd ones that it can hold are fine", () => {
  const tree = buildTree(records("/var/lib/headscale/x\n/var/lib/grafana/x"));
  const broken = { ...tree, validUtf8: (node: number) => tree.name(node) !== "grafana" };
  const report = buildReport(scanOf("", { tree: broken }), coverage());
  const grafana = report.candidates.find((candidate) => candidate.path === "/var/lib/grafana");
  assert.match(grafana?.unwritable ?? "", /not valid UTF-8/);
  assert.deepEqual(
    recommended(report).map((candidate) => candidate.path),
    ["/var/lib/headscale"],
  );
  const odd = buildReport(scanOf([{ path: '/srv/a\n"${x}' }]), coverage());
  assert.deepEqual(
    odd.candidates.map((candidate) => [candidate.path, candidate.unwritable]),
    [['/srv/a\n"${x}', null]],
  );
});
