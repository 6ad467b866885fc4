import assert from "node:assert/strict";
import { test } from "node:test";
import { DIRECTORY, FILE, SYMLINK } from "../../../server/src/hosts/model";
import { buildTree, freezeTree } from "../../../server/src/hosts/tree";
import { type Attributes, TreeBuilder } from "../../../server/src/hosts/treeBuilder";

test("a tree gives back what it was built from", () => {
  const tree = buildTree([
    { path: "/var/lib/forgejo", type: "directory", mode: "0750", uid: 990, gid: 991, mtime: 1_700_000_000 },
    { path: "/var/lib/forgejo/data.db", size: 5_000_000_000, mode: "1600" },
    { path: "/etc/localtime", type: "symlink", target: "/etc/zoneinfo/Europe/Berlin" },
  ]);
  const folder = tree.find("/var/lib/forgejo");
  assert.ok(folder !== null);
  assert.deepEqual(
    [tree.type(folder), tree.mode(folder), tree.uid(folder), tree.gid(folder), tree.mtime(folder), tree.bytes(folder)],
    ["directory", "0750", 990, 991, 1_700_000_000, 0],
  );
  const file = tree.find("/var/lib/forgejo/data.db");
  assert.ok(file !== null);
  assert.deepEqual(
    [tree.type(file), tree.bytes(file), tree.mode(file), tree.target(file)],
    ["file", 5e9, "1600", null],
  );
  assert.equal(tree.parent(file), folder);
  assert.equal(tree.target(tree.find("/etc/localtime") ?? 0), "/etc/zoneinfo/Europe/Berlin");
  assert.deepEqual([tree.path(0), tree.name(0), tree.parent(0), tree.find("/")], ["/", "/", 0, 0]);
  assert.equal(tree.size, 7);
});

test("find answers null for what is not there", () => {
  const tree = buildTree([{ path: "/var/lib" }]);
  for (const path of ["/var/li", "/var/libx", "/var/lib/x", "/usr"]) assert.equal(tree.find(path), null, path);
});

test("children come in the order of their bytes, whatever the order of the records", () => {
  const names = ["b", "a", "é", "B", "a-b", "ab", "-x", "\u{1f600}", "z\n", "${x}"];
  const tree = buildTree(names.map((name) => ({ path: `/d/${name}` })));
  const folder = tree.find("/d") ?? 0;
  const expected = [...names].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  assert.deepEqual(
    [...tree.children(folder)].map((node) => tree.name(node)),
    expected,
  );
  for (const name of names) assert.equal(tree.path(tree.find(`/d/${name}`) ?? 0), `/d/${name}`);
});

test("statuses, and those of folders that are only implied", () => {
  const tree = buildTree([
    { path: "/a/lost", status: "lost" },
    { path: "/b/lost", status: "lost" },
    { path: "/b/new" },
    { path: "/c/changed", status: "changed" },
    { path: "/c/same", status: "regenerated" },
  ]);
  const status = (path: string) => tree.status(tree.find(path) ?? -1);
  assert.deepEqual(["/a", "/a/lost", "/b", "/b/lost", "/b/new", "/c/changed", "/c/same"].map(status), [
    "lost",
    "lost",
    "new",
    "lost",
    "new",
    "changed",
    "regenerated",
  ]);
});

const base: Attributes = {
  type: FILE,
  size: 3,
  mtime: 1,
  uid: 0,
  gid: 0,
  mode: 0o644,
  identity: 0,
  target: Buffer.alloc(0),
};

for (const order of ["live first", "old first"] as const) {
  test(`the two roots are joined, ${order}`, () => {
    const builder = new TreeBuilder();
    const join = (name: string, live: Partial<Attributes> | null, old: Partial<Attributes> | null) => {
      const node = builder.child(0, Buffer.from(name), 0, Buffer.byteLength(name));
      const addLive = () => live !== null && builder.addLive(node, { ...base, ...live });
      const addOld = () => old !== null && builder.addOld(node, { ...base, ...old });
      for (const add of order === "live first" ? [addLive, addOld] : [addOld, addLive]) add();
    };
    const link = (target: string) => ({ type: SYMLINK, size: 0, target: Buffer.from(target) });
    join("new", {}, null);
    join("lost", null, { uid: 7 });
    join("size", { size: 4 }, {});
    join("mode", { mode: 0o600 }, {});
    join("type", { type: DIRECTORY }, {});
    join("link", link("/a"), link("/b"));
    join("same-link", link("/a"), link("/a"));
    join("folder", { type: DIRECTORY, mode: 0o700, mtime: 9 }, { type: DIRECTORY });
    join("empty", { size: 0, mtime: 9, uid: 5 }, { size: 0 });
    join("pending", { mtime: 9 }, {});
    join("settled-same", {}, {});
    join("settled-other", {}, {});
    const pending = builder.pending();
    assert.deepEqual(
      pending.map((node) => builder.relativePath(node).toString()),
      ["pending", "settled-same", "settled-other"],
    );
    builder.settle(pending[1] ?? 0, true);
    builder.settle(pending[2] ?? 0, false);

    const tree = freezeTree(builder);
    const found = Object.fromEntries([...tree.children(0)].map((node) => [tree.name(node), tree.status(node)]));
    assert.deepEqual(found, {
      new: "new",
      lost: "lost",
      size: "changed",
      mode: "changed",
      type: "changed",
      link: "changed",
      "same-link": "regenerated",
      folder: "regenerated",
      empty: "regenerated",
      // What nobody compared may have changed.
      pending: "changed",
      "settled-same": "regenerated",
      "settled-other": "changed",
    });
    const live = (name: string) => tree.find(`/${name}`) ?? -1;
    assert.deepEqual(
      [tree.bytes(live("size")), tree.mode(live("mode")), tree.type(live("type")), tree.target(live("link"))],
      [4, "0600", "directory", "/a"],
    );
    assert.equal(tree.uid(live("lost")), 7);
  });
}

test("names that are not UTF-8 are kept and told apart", () => {
  const builder = new TreeBuilder();
  for (const byte of [0xfe, 0xff]) builder.addLive(builder.child(0, Uint8Array.of(0x61, byte), 0, 2), base);
  const tree = freezeTree(builder);
  const children = [...tree.children(0)];
  assert.equal(children.length, 2);
  for (const node of children) assert.deepEqual([tree.name(node), tree.validUtf8(node)], ["a\ufffd", false]);
  assert.equal(tree.validUtf8(0), true);
});

test("a hundred thousand paths survive growing and hashing", () => {
  const builder = new TreeBuilder();
  const path = (index: number) => [`d${index % 100}`, `e${index % 1000}`, `f${index}`];
  for (let index = 0; index < 100_000; index += 1) {
    let node = 0;
    for (const name of path(index)) node = builder.child(node, Buffer.from(name), 0, name.length);
    builder.addLive(node, { ...base, size: index });
  }
  const tree = freezeTree(builder);
  assert.equal(tree.size, 1 + 100 + 1000 + 100_000);
  for (const index of [0, 1, 512, 99_999])
    assert.equal(tree.bytes(tree.find(`/${path(index).join("/")}`) ?? -1), index);
});

test("a live folder that could not be read has no children, whatever the old root has in it", () => {
  for (const order of ["live first", "old first"]) {
    const builder = new TreeBuilder();
    const child = (parent: number, name: string) => builder.child(parent, Buffer.from(name), 0, name.length);
    const live = () => {
      builder.addLive(child(0, "closed"), { ...base, type: DIRECTORY, mode: 0o700 });
      builder.markUnread(child(0, "closed"));
    };
    const old = () => {
      builder.addOld(child(0, "closed"), { ...base, type: DIRECTORY, mode: 0o755 });
      builder.addOld(child(child(0, "closed"), "x"), base);
    };
    for (const add of order === "live first" ? [live, old] : [old, live]) add();
    const tree = freezeTree(builder);
    const folder = tree.find("/closed") ?? -1;
    assert.deepEqual([tree.unread(folder), tree.unread(0), [...tree.children(folder)]], [true, false, []], order);
    assert.equal(tree.find("/closed/x"), null, order);
  }
});
