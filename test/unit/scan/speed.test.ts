/** Reports after an edit must not look at the whole tree again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeId, ScanTree } from "../../../server/src/hosts/model";
import { buildTree, type TreeRecord } from "../../../server/src/hosts/tree";
import { buildReport } from "../../../server/src/scan/report";
import { coverage, scanOf } from "./roots";

function counting(tree: ScanTree): { readonly tree: ScanTree; readonly looks: () => number } {
  let looks = 0;
  const counted: ScanTree = {
    ...tree,
    type: (node: NodeId) => {
      looks += 1;
      return tree.type(node);
    },
    name: (node: NodeId) => {
      looks += 1;
      return tree.name(node);
    },
  };
  return { tree: counted, looks: () => looks };
}

function* service(index: number): Generator<TreeRecord> {
  for (let file = 0; file < 200; file += 1) yield { path: `/var/lib/svc${index}/d${file % 9}/f${file}`, size: 5 };
}

function treeOf(services: number): ScanTree {
  return buildTree(Array.from({ length: services }, (_, index) => [...service(index)]).flat());
}

test("the first report looks at each path a few times, a later one only at shared folders", () => {
  const { tree, looks } = counting(treeOf(50));
  const scan = scanOf([], { tree });
  assert.equal(buildReport(scan, coverage()).candidates.length, 50);
  const first = looks();
  assert.ok(first <= tree.size * 6, `${first} looks at ${tree.size} paths`);
  const report = buildReport(scan, coverage(["/var/lib/svc1"]));
  assert.equal(report.candidates.length, 49);
  assert.ok(looks() - first < tree.size / 5, `${looks() - first} looks at ${tree.size} paths`);
});

test("very deep trees are no problem", () => {
  const deep = scanOf([{ path: `/var/lib/deep${"/d".repeat(20_000)}/x`, size: 7 }]);
  assert.equal(buildReport(deep, coverage()).candidates[0]?.bytes, 7);
  // As deep as the kernel lets a path be.
  const path = `/var/lib/deep${"/d".repeat(2000)}`;
  const report = buildReport(scanOf([{ path: `${path}/x` }, { path: `${path}/y` }]), coverage([], [`${path}/x`]));
  assert.deepEqual(
    report.candidates.map((candidate) => candidate.path),
    [`${path}/y`],
  );
});
