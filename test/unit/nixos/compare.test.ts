import assert from "node:assert/strict";
import { test } from "node:test";
import { mistakes } from "./compare";
import type { OurRow, Row } from "./row";

function real(path: string, more: Partial<Row> = {}): Row {
  const rest = { user: "root", group: "root", mode: "0755", ...more };
  return {
    module: "impermanence",
    storage: "/p",
    scope: "system",
    list: "directories",
    kind: "directory",
    path,
    ...rest,
  };
}

function ours(path: string, more: Partial<OurRow> = {}): OurRow {
  return { ...real(path, { user: null, group: null, mode: null }), conditional: false, ...more };
}

function wrong(
  rows: readonly OurRow[],
  worlds: readonly (readonly Row[])[],
  unsure: readonly string[] = [],
  reasons = 0,
) {
  const unknown = Array.from({ length: reasons }, () => ({ reason: "a reason" }));
  return mistakes({ rows, unknown }, worlds, new Set(unsure)).length;
}

test("the same entries in the same order are right", () => {
  assert.equal(wrong([ours("/a"), ours("/b"), ours("/a")], [[real("/a"), real("/b"), real("/a")]]), 0);
  assert.equal(wrong([ours("/a", { mode: "0700" })], [[real("/a", { mode: "0700" })]]), 0);
  assert.equal(wrong([ours("/a")], [[real("/a", { scope: "user:x", user: "x", group: "users" })]]), 2);
});

test("an entry too many, too few or in another order is wrong", () => {
  assert.equal(wrong([ours("/a"), ours("/b")], [[real("/a")]]), 1);
  assert.equal(wrong([ours("/a")], [[real("/a"), real("/a")]]), 1);
  assert.equal(wrong([ours("/a"), ours("/b")], [[real("/b"), real("/a")]]), 1);
  assert.equal(wrong([ours("/a")], [[real("/a", { mode: "0700" })]]), 1);
  assert.equal(wrong([ours("/a", { user: "x" })], [[real("/a")]]), 1);
  assert.equal(wrong([], [[real("/a")]], [], 1), 1);
});

test("a conditional entry is one that Nix has sometimes", () => {
  assert.equal(wrong([ours("/a", { conditional: true }), ours("/b")], [[real("/b")], [real("/a"), real("/b")]]), 0);
  assert.equal(wrong([ours("/a")], [[], [real("/a")]]), 1);
  assert.equal(wrong([ours("/a", { conditional: true })], [[real("/a")], [real("/a")]]), 1);
});

test("what may be unknown may be missing, with a reason", () => {
  assert.equal(wrong([ours("/b")], [[real("/a"), real("/b")]], ["/a"], 1), 0);
  assert.equal(wrong([ours("/b")], [[real("/a"), real("/b")]], ["/a"], 0), 1);
  assert.equal(wrong([ours("/a", { conditional: true }), ours("/b")], [[real("/a"), real("/b")]], ["/a"]), 0);
});
