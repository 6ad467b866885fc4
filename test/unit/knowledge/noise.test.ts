import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isCacheFolder,
  noiseByName,
  noiseByTarget,
  noisePaths,
  noiseReasons,
} from "../../../server/src/knowledge/noise";

test("names of locks and temporary files", () => {
  assert.equal(noiseByName("foo.lock"), "lock");
  assert.equal(noiseByName("daemon.pid"), "lock");
  assert.equal(noiseByName(".parentlock"), "lock");
  assert.equal(noiseByName("x.tmp"), "temporary");
  assert.equal(noiseByName("draft.txt~"), "temporary");
  for (const name of ["lockbox.db", "pid", "tmp", "flock", "state.json", ""])
    assert.equal(noiseByName(name), null, name);
});

test("links that NixOS makes", () => {
  assert.equal(noiseByTarget("/nix/store/abc-x/bin/sh"), "store");
  assert.equal(noiseByTarget("/etc/static/fstab"), "activation");
  for (const target of ["/nix/storeroom", "/etc/statics", "static/fstab", "", "/persist/x"])
    assert.equal(noiseByTarget(target), null, target);
});

test("folders that are caches by name", () => {
  assert.ok(isCacheFolder("GPUCache") && isCacheFolder(".cache"));
  assert.ok(!isCacheFolder("cached-data") && !isCacheFolder("constructor"));
});

test("every reason reads well after any count: none begins with a thing to count", () => {
  for (const reason of Object.values(noiseReasons))
    assert.match(
      reason,
      /^(?:among|belonging|empty|for|ignored|in|known|linked|made|regenerated|temporary|without)(?: |$)/,
    );
});

test("of /boot only what boot loaders write is noise", () => {
  const boot = [...noisePaths].filter(([path]) => path === "/boot" || path.startsWith("/boot/"));
  assert.ok(boot.length > 5 && boot.every(([path, reason]) => path !== "/boot" && reason === "bootloader"));
});
