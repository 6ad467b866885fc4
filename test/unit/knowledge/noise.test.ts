import assert from "node:assert/strict";
import { test } from "node:test";
import { noiseByTarget, noisePaths, noiseReasons } from "../../../server/src/knowledge/noise";

test("links that NixOS makes", () => {
  assert.equal(noiseByTarget("/nix/store/abc-x/bin/sh"), "store");
  assert.equal(noiseByTarget("/etc/static/fstab"), "activation");
  for (const target of ["/nix/storeroom", "/etc/statics", "static/fstab", "", "/persist/x"])
    assert.equal(noiseByTarget(target), null, target);
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
