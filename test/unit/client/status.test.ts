import assert from "node:assert/strict";
import { test } from "node:test";
import { type StatusInput, statusView } from "../../../client/src/status/view";
import type { StatusParams } from "../../../server/src/lsp/protocol";

const report = (part: Partial<StatusParams>): StatusParams => ({
  host: "juni",
  state: "ready",
  recommended: 0,
  inventory: false,
  scannedAt: 1_700_000_000,
  since: null,
  ...part,
});
const view = (part: Partial<StatusInput>) =>
  statusView({
    server: "running",
    trusted: true,
    host: "juni",
    report: null,
    formatTime: (seconds) => `at ${seconds}`,
    ...part,
  });

test("each state says what it is and what to do next", () => {
  const states: [Partial<StatusInput>, string, string, string, string][] = [
    [{ server: "stopped" }, "Tidemark is not running", "Its server stopped", "error", "tidemark.restartServer"],
    [{ server: "starting" }, "Tidemark is starting", "", "information", "tidemark.showLog"],
    [
      { trusted: false },
      "Host scans are off",
      "This workspace is in Restricted Mode",
      "information",
      "workbench.trust.manage",
    ],
    [{ host: null }, "No host selected", "Select one to see what it would lose", "information", "tidemark.selectHost"],
    [{}, "juni", "Not scanned", "information", "tidemark.scanHost"],
    [
      { report: report({ since: "Nothing changed since the last scan" }) },
      "juni: nothing worth keeping would be lost",
      "Scanned at 1700000000. Nothing changed since the last scan",
      "information",
      "tidemark.scanHost",
    ],
    [
      { report: report({ recommended: 2, inventory: true }) },
      "juni: 2 paths to persist",
      "Scanned at 1700000000",
      "information",
      "tidemark.scanHost",
    ],
    [{ report: report({ state: "forgotten" }) }, "juni", "Not scanned", "information", "tidemark.scanHost"],
    [
      { report: report({ state: "scanning", scannedAt: null }) },
      "juni: scanning",
      "",
      "information",
      "tidemark.showLog",
    ],
    [
      { report: report({ state: "failed" }) },
      "juni: the scan failed",
      "Scanned at 1700000000",
      "warning",
      "tidemark.scanHost",
    ],
    [
      { report: report({}) },
      "juni: nothing worth keeping would be lost",
      "Scanned at 1700000000",
      "information",
      "tidemark.scanHost",
    ],
    [
      { report: report({ recommended: 1 }) },
      "juni: 1 path would be lost",
      "Scanned at 1700000000",
      "information",
      "tidemark.scanHost",
    ],
    [
      { report: report({ recommended: 12 }) },
      "juni: 12 paths would be lost",
      "Scanned at 1700000000",
      "information",
      "tidemark.scanHost",
    ],
  ];
  for (const [input, text, detail, severity, command] of states) {
    const shown = view(input);
    assert.deepEqual([shown.text, shown.detail, shown.severity, shown.command.id], [text, detail, severity, command]);
  }
});

test("busy while the server starts and while a host is scanned, at no other time", () => {
  assert.equal(view({ server: "starting" }).busy, true);
  assert.equal(view({ report: report({ state: "scanning" }) }).busy, true);
  assert.equal(view({ report: report({}) }).busy, false);
  assert.equal(view({ report: report({ state: "failed" }) }).busy, false);
});

test("a stopped server comes before everything else, restricted mode before the host", () => {
  assert.equal(view({ server: "stopped", trusted: false, host: null }).severity, "error");
  assert.equal(view({ trusted: false, host: null }).command.id, "workbench.trust.manage");
});

test("a host's name cannot carry a link or an icon into the status", () => {
  assert.equal(view({ host: "$(sync)[x](command:y)" }).text, "$ (sync)[x] (command:y)");
});
