// What a host runs from, where it is the same whatever tools the host has.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { type LocalOptions, localConnection } from "./support/local";
import { scan, temporaryFolder, write } from "./support/root";
import { busybox, busyboxPath, posixPath } from "./support/tools";

interface Tools {
  readonly name: string;
  readonly path: ((context: TestContext) => string) | null;
  /** More paths than the first and at most the second are told of a storage that has more. */
  readonly told: readonly [number, number];
  readonly skip: string | false;
}

const sets: readonly Tools[] = [
  { name: "GNU", path: null, told: [19_990, 20_000], skip: false },
  { name: "BusyBox", path: busyboxPath, told: [4900, 5010], skip: busybox === undefined && "busybox is not installed" },
  {
    name: "POSIX",
    path: (context) => posixPath(context, ["awk", "readlink", "timeout"]),
    told: [1900, 2010],
    skip: false,
  },
];

function reached(context: TestContext, tools: Tools, as: Pick<LocalOptions, "uid" | "gid"> = {}) {
  return localConnection({ ...as, ...(tools.path === null ? {} : { env: { PATH: tools.path(context) } }) });
}

for (const tools of sets) {
  test(`${tools.name}: without rights nothing is said to be absent that is only hidden`, {
    skip: tools.skip || (process.getuid?.() !== 0 && "needs to be root"),
  }, async (context) => {
    const root = temporaryFolder(context);
    write(root, {
      "closed/persist/x": "",
      "persist/shut/x": "",
      "persist/open/": "",
      "var/closed/x": "",
      "var/open/": "",
    });
    for (const each of ["closed", "persist/shut", "var/closed"]) chmodSync(path.join(root, each), 0o700);
    const { deployed } = await scan(reached(context, tools, { uid: 65_534, gid: 65_534 }), root, {
      configured: () => ({
        storages: ["/closed/persist", "/persist", "/never"],
        directories: ["/var/closed/x", "/var/closed/none", "/var/open/none"],
        files: [],
      }),
    });
    assert.deepEqual(
      [...(deployed?.live ?? [])]
        .filter(([at]) => at.startsWith("/var/"))
        .map(([at, seen]) => [at, seen?.empty ?? null]),
      [
        ["/var/open", true],
        ["/var/closed", null],
        ["/var/open/none", null],
      ],
    );
    assert.equal(deployed?.live.get("/var/open/none"), null);
    const [tree, ...others] = deployed?.storages ?? [];
    assert.deepEqual([tree?.storage, others.length, tree?.paths.get("/shut")?.empty], ["/persist", 0, null]);
    assert.deepEqual([...(tree?.listed ?? [])].sort(), ["/", "/open"]);
    assert.match(deployed?.notes.join("\n") ?? "", /stored in \/closed\/persist could not be read/);
  });

  test(`${tools.name}: of a huge storage the folders of entries are still whole`, {
    skip: tools.skip,
  }, async (context) => {
    const root = temporaryFolder(context);
    write(root, {
      "persist/a/orphan/": "",
      "persist/var/lib/kept/x": "",
      "persist/var/lib/late": "",
      "persist/zz/x": "",
    });
    const [least, most] = tools.told;
    for (let index = 0; index < most / 100 + 10; index += 1) {
      const folder = path.join(root, `persist/a/orphan/${index}`);
      mkdirSync(folder);
      for (let file = 0; file < 100; file += 1) writeFileSync(path.join(folder, `${file}`), "");
    }
    const { deployed } = await scan(reached(context, tools), root, {
      configured: () => ({ storages: ["/persist"], directories: ["/var/lib/kept"], files: [] }),
    });
    const [tree] = deployed?.storages ?? [];
    const count = tree?.paths.size ?? 0;
    assert.ok(count > least && count <= most, `${count}`);
    for (const folder of ["/", "/var", "/var/lib"]) assert.ok(tree?.listed.has(folder), folder);
    assert.ok(!tree?.listed.has("/a/orphan"));
    assert.ok(tree?.paths.has("/var/lib/late"));
    // Whatever is said to be listed has all of its files.
    for (const folder of tree?.listed ?? []) {
      if (!/^\/a\/orphan\/\d+$/.test(folder)) continue;
      assert.equal([...(tree?.paths.keys() ?? [])].filter((at) => at.startsWith(`${folder}/`)).length, 100, folder);
    }
  });
}
