import assert from "node:assert/strict";
import { test } from "node:test";
import { catalog } from "../../../server/src/knowledge/catalog";
import { optionDefault } from "../../../server/src/knowledge/optionDefaults";

test("defaults of options agree with the catalog, where both know the service's only state", () => {
  let compared = 0;
  for (const { id, pathOption, paths } of catalog) {
    const given = pathOption === null ? null : optionDefault(pathOption);
    const state = paths.filter(({ role, type }) => role === "state" && type === "directory");
    const [only] = state;
    if (given === null || !given.startsWith("/") || only === undefined || state.length > 1) continue;
    compared++;
    // Units with DynamicUser keep it below private.
    const path = only.path.replace("/private/", "/");
    assert.ok(given === path || given.startsWith(`${path}/`) || path.startsWith(`${given}/`), id);
  }
  assert.ok(compared > 15, `${compared} compared`);
});

test("what depends on versions is left out", () => {
  assert.equal(optionDefault("services.postgresql.dataDir"), null);
  assert.equal(optionDefault("toString"), null);
});
