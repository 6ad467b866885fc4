/** Comparing with an older root: new, changed, lost, and what is the same after each boot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildReport } from "../../../server/src/scan/report";
import { coverage, outline, records, scanOf } from "./roots";

const listOf = (lines: string): string[] => outline(buildReport(scanOf(lines), coverage()));

test("what is the same after each boot is noise", () => {
  const report = buildReport(
    scanOf("regenerated /var/lib/colord/mapping.db\nregenerated /etc/foo\nregenerated /var/lib/x/link -> /srv"),
    coverage(),
  );
  assert.deepEqual([report.candidates, report.ignored], [[], { "regenerated at each boot": 3 }]);
});

test("the ids of users and groups are needed even where they look the same", () => {
  assert.deepEqual(listOf("regenerated /var/lib/nixos/uid-map"), ["persist /var/lib/nixos/ (changed)"]);
});

test("status comes from what is not the same after each boot", () => {
  const cases: [string, string][] = [
    ["new /var/lib/grafana/a\nnew /var/lib/grafana/b", "persist /var/lib/grafana/"],
    ["new /var/lib/grafana/a\nregenerated /var/lib/grafana/b", "persist /var/lib/grafana/"],
    ["new /var/lib/grafana/a\nchanged /var/lib/grafana/b", "persist /var/lib/grafana/ (changed)"],
    ["lost /var/lib/grafana/a\nlost /var/lib/grafana/b", "persist /var/lib/grafana/ (lost)"],
    ["lost /var/lib/grafana/a\nregenerated /var/lib/grafana/b", "persist /var/lib/grafana/ (changed)"],
    ["lost /var/lib/grafana/a\nnew /var/lib/grafana/b", "persist /var/lib/grafana/"],
  ];
  for (const [lines, expected] of cases) assert.deepEqual(listOf(lines), [expected], lines);
});

test("lost data is measured by what was lost and comes before the same kind of live data", () => {
  const scan = scanOf(`
new /var/lib/grafana/grafana.db 9000
lost /var/lib/trilium/document.db 5000 @trilium
lost /var/lib/trilium/log.tmp 500 @trilium
`);
  const [lost, live] = buildReport(scan, coverage()).candidates;
  assert.deepEqual([lost?.path, lost?.status, lost?.bytes, lost?.files], ["/var/lib/trilium", "lost", 5500, 2]);
  assert.match(
    lost?.reason ?? "",
    /Lost at the last boot \(2 files, 5\.5 kB, owned by root\); the older root still has it\.$/,
  );
  assert.equal(live?.path, "/var/lib/grafana");
});

test("part of it lost: the live part is measured, the loss is told", () => {
  const [candidate] = buildReport(
    scanOf("new /var/lib/grafana/a 70\nlost /var/lib/grafana/b 500"),
    coverage(),
  ).candidates;
  assert.deepEqual([candidate?.bytes, candidate?.files], [70, 1]);
  assert.match(candidate?.reason ?? "", /At the last boot, 1 path in it got lost\.$/);
});

test("lost noise is noise", () => {
  assert.deepEqual(
    listOf(`
lost /var/tmp/x
lost /tmp/x
lost /home/josh/.cache/a/x 900000000
lost /var/cache/a/x 900000000
s:/home/josh/.socket
lost /var/lib/f/
lost /home/josh/.config/app/Cache/x 900000000
lost /var/lib/headscale/x.lock
`),
    [],
  );
});

test("a lost folder that is a file now is judged as the file", () => {
  assert.deepEqual(listOf("lost /srv/a/x\nnew /srv/a"), ["probably /srv/a"]);
});

/** Folders of the live root that could not be read, next to `lines`. */
const closed = (lines: string, ...folders: string[]) =>
  buildReport(
    scanOf([...folders.map((path) => ({ path, type: "directory", unread: true }) as const), ...records(lines)]),
    coverage(),
  );

test("what lies in a folder that could not be read is not called lost, and the folder not judged", () => {
  const report = closed(
    `
lost /var/lib/forgejo/data/forgejo.db 5000
lost /bao-keys/unseal.json 300
lost /home/josh/projects/main.ts
lost /var/cache/thing/blob 90000000
lost /var/lib/trilium/document.db`,
    "/var/lib/forgejo",
    "/bao-keys",
    "/home/josh",
    "/var/cache/thing",
    "/srv/new",
  );
  assert.deepEqual(outline(report), ["persist /var/lib/trilium/ (lost)"]);
  assert.deepEqual(report.ignored, {});
});

test("a folder with a part that could not be read is never lost as a whole, and says so", () => {
  const [lost] = closed("lost /var/lib/grafana/a", "/var/lib/grafana/data").candidates;
  assert.deepEqual([lost?.path, lost?.status], ["/var/lib/grafana", "changed"]);
  assert.match(
    lost?.reason ?? "",
    /nothing that could be read.* 1 path in it got lost\. 1 folder in it could not be read\.$/,
  );
  const [fresh] = closed("new /var/lib/grafana/a 70", "/var/lib/grafana/data").candidates;
  assert.deepEqual([fresh?.status, fresh?.bytes], ["new", 70]);
  assert.match(fresh?.reason ?? "", /1 folder in it could not be read\.$/);
});
