import assert from "node:assert/strict";
import { test } from "node:test";
import { FILE } from "../../../server/src/hosts/model";
import { comparisonOf, comparisonReader } from "../../../server/src/hosts/oldRoot";
import { freezeTree } from "../../../server/src/hosts/tree";
import { TreeBuilder } from "../../../server/src/hosts/treeBuilder";

function pendingTree(sizes: Readonly<Record<string, number>>): TreeBuilder {
  const builder = new TreeBuilder();
  for (const [name, size] of Object.entries(sizes)) {
    const node = builder.child(0, Buffer.from(name), 0, name.length);
    const attributes = {
      type: FILE,
      size,
      mtime: 0,
      uid: 0,
      gid: 0,
      mode: 0o644,
      identity: 0,
      target: Buffer.alloc(0),
    };
    builder.addLive(node, attributes);
    builder.addOld(node, attributes);
  }
  return builder;
}

test("contents are compared within limits, small files first", () => {
  const builder = pendingTree({ huge: 500, c: 30, a: 10, b: 20, empty: 0 });
  const paths = (limits: { fileBytes: number; totalBytes: number; files: number }) => {
    const comparison = comparisonOf(builder, limits);
    return [comparison.paths.map((path) => Buffer.from(path).toString()), comparison.skipped];
  };
  assert.deepEqual(paths({ fileBytes: 1000, totalBytes: 1000, files: 10 }), [["./huge", "./c", "./a", "./b"], 0]);
  assert.deepEqual(paths({ fileBytes: 100, totalBytes: 1000, files: 10 }), [["./a", "./b", "./c"], 1]);
  assert.deepEqual(paths({ fileBytes: 1000, totalBytes: 40, files: 10 }), [["./a", "./b"], 2]);
  assert.deepEqual(paths({ fileBytes: 1000, totalBytes: 1000, files: 1 }), [["./a"], 3]);
});

test("what the host does not call the same has changed", () => {
  const builder = pendingTree({ same: 5, other: 5 });
  const comparison = comparisonOf(builder, { fileBytes: 10, totalBytes: 100, files: 10 });
  const done: number[] = [];
  const reader = comparisonReader(comparison, builder, (files) => done.push(files));
  for (const record of ["./same", "#2"]) reader.onRecord(Buffer.from(record), 0, record.length);
  assert.throws(() => reader.onRecord(Buffer.from("what"), 0, 4));
  reader.finish();
  const tree = freezeTree(builder);
  assert.deepEqual(
    [tree.status(tree.find("/same") ?? 0), tree.status(tree.find("/other") ?? 0), done],
    ["regenerated", "changed", [2]],
  );
});
