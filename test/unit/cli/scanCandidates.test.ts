import assert from "node:assert/strict";
import { test } from "node:test";
import { candidateLines, leftOutLine } from "../../../server/src/cli/scanCandidates";
import type { HostScan } from "../../../server/src/hosts/model";
import { parseIgnoreFile } from "../../../server/src/scan/ignore";
import { buildReport } from "../../../server/src/scan/report";
import { boot, coverage, scanOf } from "../scan/roots";

function reportOf(lines: string, ephemeral: HostScan["root"]["ephemeral"], ignore = "") {
  const scan = scanOf(lines);
  return buildReport({ ...scan, root: { ...scan.root, ephemeral } }, coverage(), {
    ignore: parseIgnoreFile(ignore, ["juni"]),
  });
}

const headings = (ephemeral: boolean | null, all = true) =>
  candidateLines(
    reportOf("/var/lib/headscale/db.sqlite 900\n/home/josh/.cache/x/y 20000000\n", ephemeral),
    all,
    boot,
  ).filter((line) => /^\S/.test(line));

test("what to do is headed by what is known of the root", () => {
  assert.deepEqual(headings(true), ["Persist these (1)", "Better left to vanish (1)"]);
  assert.deepEqual(headings(null), ["Persist these if a boot wipes this root (1)", "Not worth persisting (1)"]);
  assert.deepEqual(headings(false), [
    "Persist these before this root is wiped at boot (1)",
    "Not worth persisting (1)",
  ]);
  assert.equal(headings(false, false).at(-1), "1 path not worth persisting (--all lists them).");
});

test("what is left out says what it counts", () => {
  const lines = "/opt/x/a 1\n/opt/x/b 1\n/etc/static -> /nix/store/x\n/run-me.lock 0\n/var/lib/foo.lock 0\n";
  assert.equal(leftOutLine(reportOf("/var/lib/headscale/db 9\n", true)), null);
  assert.equal(
    leftOutLine(reportOf(lines, true, "/opt/x\n")),
    "Left out: 1 path ignored by you, in .tidemarkignore or the settings, with all below; files, links and empty folders: 2 for locking (lock and pid files), 1 made by NixOS at activation.",
  );
});
