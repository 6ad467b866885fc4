import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTree } from "../../../server/src/hosts/tree";
import { compareScans, driftBetween } from "../../../server/src/scan/compareScans";
import { sinceScan } from "../../../server/src/service/sinceScan";
import { boot, mount, records, scanOf } from "./roots";

const summary = (before: Parameters<typeof compareScans>[0], after: Parameters<typeof compareScans>[1]) =>
  compareScans(before, after).changes.map(({ path, kind, parts, paths, bytes }) =>
    [kind, path, ...parts, `${paths}:${bytes}`].join(" "),
  );

const base = `
/etc/passwd 900
/var/lib/forgejo/ @forgejo 0750
/var/lib/forgejo/data/forgejo.db @forgejo 5000
/var/lib/forgejo/conf/app.ini @forgejo 100
/var/lib/alsa/asound.state 30
/home/josh/.link -> a
`;

test("scans of the same root differ in nothing, in whatever order they were read", () => {
  const reversed = base.trim().split("\n").reverse().join("\n");
  const comparison = compareScans(scanOf(base), scanOf(reversed));
  assert.deepEqual(comparison, { rebooted: false, changes: [], added: 0, changed: 0, removed: 0 });
});

test("what came and went is told once for a whole folder, what changed path by path", () => {
  const after = `
/etc/passwd 901
/var/lib/forgejo/ @forgejo 0700
/var/lib/forgejo/data/forgejo.db @josh 5000
/var/lib/new/a/b 7
/var/lib/new/a/c 8
/var/lib/alsa 3
/home/josh/.link -> b
`;
  assert.deepEqual(summary(scanOf(base), scanOf(after)), [
    "changed /etc/passwd size 1:901",
    "changed /home/josh/.link target 1:0",
    "changed /var/lib/alsa type 1:3",
    "changed /var/lib/forgejo mode 1:0",
    "removed /var/lib/forgejo/conf 2:100",
    "changed /var/lib/forgejo/data/forgejo.db owner 1:5000",
    "added /var/lib/new 4:15",
  ]);
  const { added, changed, removed } = compareScans(scanOf(base), scanOf(after));
  assert.deepEqual([added, changed, removed], [4, 5, 2]);
});

test("a file's time counts, a folder's does not", () => {
  const later = records(base).map((record) => ({ ...record, mtime: boot + 500 }));
  const found = compareScans(scanOf(base), scanOf(later)).changes;
  assert.ok(found.every(({ type, parts }) => type !== "directory" && parts.join() === "mtime"));
  assert.equal(found.length, 5);
});

test("of what one of the scans could not see nothing is said", () => {
  const less = "/etc/passwd 900\n/home/josh/.link -> a\n/var/lib/alsa/asound.state 30";
  // It is a mount now: persisted, not gone.
  const mounted = scanOf(less, { mounts: [mount("/"), mount("/var/lib/forgejo")] });
  assert.deepEqual(summary(scanOf(base, { mounts: [mount("/")] }), mounted), []);
  assert.deepEqual(summary(mounted, scanOf(base, { mounts: [mount("/")] })), []);
  const unread = scanOf([
    ...records(less),
    { path: "/var/lib/forgejo", type: "directory", uid: 991, gid: 991, mode: "0750", unread: true },
  ]);
  assert.deepEqual(summary(scanOf(base), unread), []);
  assert.deepEqual(summary(unread, scanOf(base)), []);
});

test("what only an older root has is in neither scan; a boot in between is told", () => {
  const lost = scanOf(`${base}lost /var/lib/gone/x 5`, { bootTime: boot - 5000 });
  assert.deepEqual(compareScans(lost, scanOf(base)), { rebooted: true, changes: [], added: 0, changed: 0, removed: 0 });
  assert.equal(compareScans(scanOf(base, { bootTime: null }), scanOf(base)).rebooted, null);
});

test("names in any script, and those that look the same, keep their pairs", () => {
  const names = ["a", "ä", "\u{1f600}", "\ufffd", "a b", "a-b", "a/b".replace("/", "\\")];
  const tree = (list: readonly string[]) => buildTree(list.map((name) => ({ path: `/x/${name}` })));
  const one = scanOf([], { tree: tree(names) });
  assert.deepEqual(summary(one, scanOf([], { tree: tree([...names].reverse()) })), []);
  assert.deepEqual(summary(one, scanOf([], { tree: tree([...names.slice(1), "zz"]) })), [
    "removed /x/a 1:0",
    "added /x/zz 1:0",
  ]);
});

test("how much differs is said in words; a mount over what was read is told apart from paths that went", () => {
  assert.equal(sinceScan(scanOf(base), scanOf(base)), "Nothing changed since the last scan");
  assert.equal(sinceScan(scanOf(base), scanOf(`${base}/new 1`)), "1 path differs since the last scan");
  const booted = scanOf(base, { bootTime: boot - 5000 });
  assert.equal(sinceScan(booted, scanOf(base)), "Nothing changed since the last scan, before a reboot");
  const less = "/etc/passwd 900\n/home/josh/.link -> a\n/var/lib/alsa/asound.state 30";
  const mounted = scanOf(less, { mounts: [mount("/"), mount("/var/lib/forgejo"), mount("/run/user/1000")] });
  const plain = scanOf(base, { mounts: [mount("/")] });
  assert.deepEqual(driftBetween(plain, mounted), { rebooted: false, paths: 0, mounts: 1 });
  assert.equal(sinceScan(mounted, plain), "1 mount came or went since the last scan");
  assert.equal(sinceScan(scanOf(base, { prefix: "/mnt" }), plain), null, "two roots");
});

test("many paths that are the same are gone through in no time, without a text for each", () => {
  const many = Array.from({ length: 200_000 }, (_, index) => ({
    path: `/srv/${index % 997}/file-${index}`,
    size: index,
  }));
  const [one, other] = [scanOf([], { tree: buildTree(many) }), scanOf([], { tree: buildTree([...many].reverse()) })];
  let names = 0;
  const counting = (scan: typeof one) => ({
    ...scan,
    tree: {
      ...scan.tree,
      name(node: number): string {
        names += 1;
        return scan.tree.name(node);
      },
    },
  });
  assert.deepEqual(driftBetween(counting(one), counting(other)), { rebooted: false, paths: 0, mounts: 0 });
  assert.equal(names, 0);
});
