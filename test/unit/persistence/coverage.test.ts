import assert from "node:assert/strict";
import { test } from "node:test";
import { coverageOf, covers } from "../../../server/src/persistence/coverage";
import { read } from "../../support/grammar";

test("a declared directory covers all below it, a file only itself, a storage all of its own", async () => {
  const file = await read(
    `{ environment.persistence."/persist" = { directories = [ "/var/lib/a" ]; files = [ "/etc/b" ]; }; }`,
  );
  const coverage = coverageOf([file]);
  for (const path of ["/var/lib/a", "/var/lib/a/x/y", "/etc/b", "/persist", "/persist/x"])
    assert.equal(covers(coverage, path), true, path);
  for (const path of ["/var/lib", "/var/lib/ab", "/etc/b/c", "/etc", "/"])
    assert.equal(covers(coverage, path), false, path);
});

test("disabled storages do not count, conditional entries do", async () => {
  const file = await read(`{
    environment.persistence."/off" = { enable = false; directories = [ "/a" ]; };
    environment.persistence."/on".directories = lib.optionals c [ "/b" ];
  }`);
  const coverage = coverageOf([file]);
  assert.equal(covers(coverage, "/a"), false);
  assert.equal(covers(coverage, "/b"), true);
});

test("homes are the host's, and an unnamed user is the only person on it", async () => {
  const file = await read(
    `{ environment.persistence."/p" = { users.josh.files = [ ".a" ]; users.\${primaryUser}.directories = [ ".b" ]; }; }`,
  );
  const homes = new Map([["josh", "/h/j"]]);
  const sole = coverageOf([file], homes, { soleUser: "josh" });
  assert.equal(covers(sole, "/h/j/.a"), true);
  assert.equal(covers(sole, "/h/j/.b/c"), true);
  assert.equal(covers(coverageOf([file], homes), "/h/j/.b"), false, "with several people nothing is guessed");
  assert.equal(covers(coverageOf([file]), "/home/josh/.a"), true);
});
