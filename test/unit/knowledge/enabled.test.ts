import assert from "node:assert/strict";
import { test } from "node:test";
import { catalog } from "../../../server/src/knowledge/catalog";
import { enabledBy, entryOf, statePaths } from "../../../server/src/knowledge/enabled";

const idOf = (option: string) => enabledBy(option.split("."))?.id ?? null;

test("an option leads to what it enables, instances included", () => {
  assert.equal(idOf("services.forgejo.enable"), "forgejo");
  assert.equal(idOf("services.redis.servers.main.enable"), "redis");
  assert.equal(idOf("services.github-runners.one.enable"), "github-runner");
  assert.equal(idOf("services.forgejo.enabled"), null);
  assert.equal(idOf("forgejo.enable"), null);
  assert.equal(idOf("enable"), null);
  assert.equal(idOf(""), null);
});

test("what keeps nothing worth it, and programs of users, are not led to", () => {
  assert.equal(idOf("services.nginx.enable"), null);
  assert.equal(idOf("services.avahi.enable"), null);
  assert.equal(idOf("programs.steam.enable"), null);
});

test("paths worth keeping are never inside each other, and never patterns", () => {
  for (const entry of catalog) {
    const paths = statePaths(entry).map(({ path }) => path);
    for (const path of paths) {
      assert.doesNotMatch(path, /[<{*]/);
      assert.ok(!paths.some((other) => path.startsWith(`${other}/`)), path);
    }
  }
  assert.deepEqual(
    statePaths(entryOf("forgejo")).map(({ path }) => path),
    ["/var/lib/forgejo"],
  );
  assert.throws(() => entryOf("no-such-entry"), RangeError);
});
