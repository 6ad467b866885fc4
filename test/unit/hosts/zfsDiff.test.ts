import assert from "node:assert/strict";
import { test } from "node:test";
import { DIRECTORY, FILE } from "../../../server/src/hosts/model";
import { freezeTree } from "../../../server/src/hosts/tree";
import { TreeBuilder } from "../../../server/src/hosts/treeBuilder";
import { zfsDiffReader } from "../../../server/src/hosts/zfsDiff";
import { blankSnapshot } from "../../../server/src/hosts/zfsSnapshots";

/** A live root with these paths; those that end in `/` are folders. */
function live(paths: readonly string[]): TreeBuilder {
  const builder = new TreeBuilder();
  const nodes = new Map<string, number>([["", 0]]);
  for (const path of paths) {
    const plain = path.replace(/\/$/, "");
    const slash = plain.lastIndexOf("/");
    const name = Buffer.from(plain.slice(slash + 1));
    const node = builder.child(nodes.get(plain.slice(0, slash)) ?? 0, name, 0, name.length);
    nodes.set(plain, node);
    const type = path.endsWith("/") ? DIRECTORY : FILE;
    builder.addLive(node, {
      type,
      size: 1,
      mtime: 0,
      uid: 0,
      gid: 0,
      mode: 0o644,
      identity: 0,
      target: Buffer.alloc(0),
    });
  }
  return builder;
}

function read(mountPoint: string, lines: readonly string[]) {
  const reader = zfsDiffReader(mountPoint);
  for (const line of lines) reader.onRecord(Buffer.from(line), 0, Buffer.byteLength(line));
  return reader;
}

// As OpenZFS prints it: `zfs diff -FH rpool/root@blank rpool/root`, fields with tabs between, odd bytes as \0ooo.
const recorded = [
  "M\t/\t/",
  "M\t/\t/etc",
  "M\tF\t/etc/shadow",
  "+\tF\t/etc/machine-id",
  "-\tF\t/etc/gone",
  "+\t/\t/var/lib/with\\0040space",
  "+\tF\t/var/lib/with\\0040space/na\\0134me\\0011\\0012\\0303\\0274",
  "R\t/\t/srv/before\t/srv/after",
  "M\tF\t/srv/after/edited",
];

test("what zfs tells becomes the status of each path; what it does not name is as in the snapshot", () => {
  const builder = live([
    "/etc/",
    "/etc/shadow",
    "/etc/machine-id",
    "/etc/untouched",
    "/var/",
    "/var/lib/",
    "/var/lib/with space/",
    "/var/lib/with space/na\\me\t\nü",
    "/srv/",
    "/srv/after/",
    "/srv/after/moved",
    "/srv/after/edited",
    "/home/",
    "/home/josh/",
    "/home/josh/notes",
  ]);
  const reader = read("/", recorded);
  assert.equal(reader.failed, false);
  reader.apply(builder, ["/home"]);
  const tree = freezeTree(builder);
  const status = (path: string) => tree.status(tree.find(path) ?? -1);
  assert.deepEqual(
    [
      "/etc",
      "/etc/shadow",
      "/etc/machine-id",
      "/etc/untouched",
      "/var/lib/with space",
      "/var/lib/with space/na\\me\t\nü",
    ].map(status),
    ["regenerated", "changed", "new", "regenerated", "new", "new"],
  );
  // A folder that was moved here goes with all that is in it; a file system of its own is none of this dataset's.
  assert.deepEqual(
    ["/srv/after", "/srv/after/moved", "/srv/after/edited", "/home/josh/notes"].map(status),
    Array(4).fill("new"),
  );
  assert.equal(tree.find("/etc/gone"), null);
});

test("below another mount point its paths are taken off it, and others are not of this root", () => {
  const builder = live(["/etc/", "/etc/a", "/etc/b"]);
  read("/mnt", ["+\tF\t/mnt/etc/a", "+\tF\t/etc/b"]).apply(builder, []);
  const tree = freezeTree(builder);
  assert.deepEqual(
    ["/etc/a", "/etc/b"].map((path) => tree.status(tree.find(path) ?? -1)),
    ["new", "regenerated"],
  );
});

test("an error of zfs is told, and what is no line of it refused", () => {
  assert.equal(read("/", ["//failed"]).failed, true);
  for (const line of ["", "M", "?\tF\t/x", "M\tF\trelative", "R\tF\t/only"])
    assert.throws(() => read("/", [line]), /broken line/);
});

test("the snapshot is found by its name, or is the one that was named", () => {
  const none = { usable: [], blank: null, unusable: [] };
  const all = ["rpool/root@2026-11-21", "rpool/root@blank", "rpool/root@start"];
  assert.equal(blankSnapshot(all, none, null), "rpool/root@blank");
  assert.equal(blankSnapshot(["rpool/root@empty"], none, null), "rpool/root@empty");
  assert.equal(blankSnapshot(all, none, "rpool/root@start"), "rpool/root@start");
  assert.equal(blankSnapshot(all, none, "rpool/root@other"), null);
  assert.equal(blankSnapshot(all, none, "/some/folder"), "rpool/root@blank");
  assert.equal(blankSnapshot(["-x@blank"], none, null), null);
  assert.equal(blankSnapshot(all, { ...none, blank: "/btrfs/@blank" }, null), null);
});
