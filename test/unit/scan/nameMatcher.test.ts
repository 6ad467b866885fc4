import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTree } from "../../../server/src/hosts/tree";
import { cacheFolderNames, noiseFileEndings, noiseFileNames } from "../../../server/src/knowledge/noise";
import { nameMatcher } from "../../../server/src/scan/nameMatcher";

function matching<T>(matcher: ReturnType<typeof nameMatcher<T>>) {
  return (name: string): T | null => {
    const tree = buildTree([{ path: `/${name}` }]);
    return matcher(tree, tree.find(`/${name}`) ?? -1);
  };
}

test("names of locks and temporary files", () => {
  const noiseByName = matching(nameMatcher(noiseFileNames, noiseFileEndings));
  assert.equal(noiseByName("foo.lock"), "lock");
  assert.equal(noiseByName("daemon.pid"), "lock");
  assert.equal(noiseByName(".parentlock"), "lock");
  assert.equal(noiseByName("x.tmp"), "temporary");
  assert.equal(noiseByName("draft.txt~"), "temporary");
  for (const name of ["lockbox.db", "pid", "tmp", "flock", "state.json", "x"])
    assert.equal(noiseByName(name), null, name);
});

test("folders that are caches by name", () => {
  const isCacheFolder = matching(nameMatcher(new Map(cacheFolderNames.map((name) => [name, true]))));
  assert.ok(isCacheFolder("GPUCache") && isCacheFolder(".cache") && isCacheFolder("DawnGraphiteCache"));
  assert.ok(!isCacheFolder("cached-data") && !isCacheFolder("constructor") && !isCacheFolder("cachf"));
});

test("a name itself comes before its ending, and names longer than all patterns are told apart", () => {
  const long = "n".repeat(40);
  const match = matching(
    nameMatcher(
      new Map([
        ["a.b", 1],
        [long, 2],
        ["é", 4],
      ]),
      new Map([[".b", 3]]),
    ),
  );
  assert.deepEqual(["a.b", "x.b", ".b", long, `${long}n`, `${long.slice(1)}m`, "é", "e"].map(match), [
    1,
    3,
    3,
    2,
    null,
    null,
    4,
    null,
  ]);
});
