import assert from "node:assert/strict";
import { test } from "node:test";
import { atomicRewrite, rewriteText } from "../../../server/src/knowledge/atomic";

test("known files are found in any home, and system files without one", () => {
  assert.equal(atomicRewrite("/home/josh/.zsh_history", "/home/josh")?.program, "zsh");
  assert.equal(atomicRewrite("/data/j/.ssh/known_hosts", "/data/j")?.persist, "~/.ssh");
  assert.equal(atomicRewrite("/etc/shadow", null)?.program, "NixOS");
  assert.equal(atomicRewrite("/home/josh/.config/kwinrc", "/home/josh")?.program, "KDE");
});

test("other files are not", () => {
  assert.equal(atomicRewrite("/home/josh/.zsh_history", null), null);
  assert.equal(atomicRewrite("/home/josh/.config/sub/kwinrc", "/home/josh"), null);
  assert.equal(atomicRewrite("/home/josh/x/.zsh_history", "/home/josh"), null);
  assert.equal(atomicRewrite("/etc/shadowy", null), null);
});

test("the text says what is known and what was only reported", () => {
  const verified = atomicRewrite("/home/j/.ssh/known_hosts", "/home/j");
  assert.match(
    verified === null ? "" : rewriteText(verified),
    /^OpenSSH replaces this file .* Persist the folder `\.ssh`\.$/,
  );
  const reported = atomicRewrite("/home/j/.claude.json", "/home/j");
  assert.match(reported === null ? "" : rewriteText(reported), /is reported to replace/);
});
