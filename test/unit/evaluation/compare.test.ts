import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, type DeclaredEntry } from "../../../server/src/evaluation/compare";
import type { EvaluatedEntry, EvaluatedHost } from "../../../server/src/evaluation/model";
import { evaluated } from "./support";

const declared = (path: string, more: Partial<DeclaredEntry> = {}): DeclaredEntry => ({
  kind: "directory",
  path,
  storagePath: "/persist",
  scope: { kind: "system" },
  user: null,
  group: null,
  mode: null,
  conditional: false,
  file: "/etc/nixos/juni.nix",
  span: { start: 10, end: 20 },
  ...more,
});

const host = (entries: readonly EvaluatedEntry[], more: Partial<EvaluatedHost> = {}): EvaluatedHost => ({
  storages: [{ module: "impermanence", name: "/persist", path: "/persist", enabled: true }],
  entries,
  fileSystems: [],
  users: [],
  services: [],
  failed: [],
  ...more,
});

test("what both have, and what the text leaves open, is no difference", () => {
  const text = [declared("/var/log"), declared("/srv", { mode: "755" }), declared("/a", { storagePath: null })];
  const nix = [evaluated("/var/log", { mode: "0700", user: "x" }), evaluated("/srv"), evaluated("/a")];
  assert.deepEqual(compare("juni", text, host(nix)), []);
});

test("an entry only Nix has is told with who keeps it where", () => {
  const [difference, ...more] = compare(
    "juni",
    [],
    host([evaluated("/home/josh/x", { scope: { kind: "user", user: "josh" } })]),
  );
  assert.deepEqual(more, []);
  assert.equal(difference?.kind, "only-nix");
  assert.match(difference?.reason ?? "", /juni, \/home\/josh\/x of josh is persisted in \/persist/);
});

for (const [what, entry, nix, reason] of [
  ["a condition", declared("/a", { conditional: true }), host([]), /condition .* does not hold/],
  [
    "a storage that is off",
    declared("/a"),
    host([], { storages: [{ module: "impermanence", name: "/persist", path: "/persist", enabled: false }] }),
    /switched off/,
  ],
  ["a storage Nix does not have", declared("/a", { storagePath: "/state" }), host([]), /nothing is kept in \/state/],
  ["no other reason", declared("/a"), host([]), /may not import this file/],
] as const) {
  test(`an entry only the text has: ${what}`, () => {
    const [difference] = compare("juni", [entry], nix);
    assert.equal(difference?.kind, "only-text");
    assert.match(difference?.reason ?? "", reason);
    assert.equal(difference?.declared, entry);
  });
}

for (const [kind, entry, nix, reason] of [
  ["kind", declared("/a", { kind: "file" }), evaluated("/a"), /as a directory, here it is a file/],
  ["storage", declared("/a"), evaluated("/a", { storagePath: "/keep" }), /in \/keep, here it is \/persist/],
  ["owner", declared("/a", { user: "x" }), evaluated("/a"), /to root:root, here it is x:…/],
  ["mode", declared("/a", { mode: "0700" }), evaluated("/a"), /the mode 0755, here it is 0700/],
] as const) {
  test(`the same path with another ${kind}`, () => {
    const found = compare("juni", [entry], host([nix]));
    assert.deepEqual(
      found.map((difference) => difference.kind),
      [kind],
    );
    assert.match(found[0]?.reason ?? "", reason);
  });
}

test("of several entries for a path the likest one counts", () => {
  const nix = [evaluated("/a", { storagePath: "/keep" }), evaluated("/a", { kind: "file" }), evaluated("/a")];
  assert.deepEqual(compare("juni", [declared("/a")], host(nix)), []);
});

test("where Nix failed on a part, nothing is missing from it", () => {
  assert.deepEqual(compare("juni", [declared("/a")], host([], { failed: ["environment.persistence./persist"] })), []);
});

test("symbolic modes are not compared", () => {
  assert.deepEqual(compare("juni", [declared("/a", { mode: "u=rwx,g=,o=" })], host([evaluated("/a")])), []);
});

test("hostile numbers of entries take no longer than their number", () => {
  const many = Array.from({ length: 50_000 }, () => declared("/same"));
  const start = performance.now();
  compare("juni", many, host(many.map(() => evaluated("/same"))));
  assert.ok(performance.now() - start < 2000);
});
