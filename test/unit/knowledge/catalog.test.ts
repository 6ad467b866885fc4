import assert from "node:assert/strict";
import { test } from "node:test";
import { atomicRewrites } from "../../../server/src/knowledge/atomic";
import { catalog } from "../../../server/src/knowledge/catalog";
import { compilePattern } from "../../../server/src/knowledge/matcher";
import { noiseHomePaths, noisePaths, noiseReasons } from "../../../server/src/knowledge/noise";
import { patterns } from "../../../server/src/knowledge/patterns";

const persist = ["required", "recommended", "optional", "never"];
const roles = ["state", "config", "secret", "cache", "log", "runtime"];
const isText = (value: unknown): boolean => typeof value === "string" && value.trim() === value && value !== "";
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isNormal = (path: string): boolean => path !== "" && !/\/\/|\/$|(?:^|\/)\.\.?(?:\/|$)/.test(path);

test("every catalog entry has all fields, of the right kind", () => {
  for (const entry of catalog) {
    const at = entry.id;
    assert.deepEqual(
      Object.keys(entry).sort(),
      ["caveats", "id", "impactIfLost", "kind", "nixosOption", "pathOption", "paths", "sources", "title"],
      at,
    );
    assert.match(entry.id, /^[a-z0-9][a-z0-9-]*$/, at);
    assert.ok(["system", "service", "user-app"].includes(entry.kind), at);
    assert.ok(isText(entry.title) && isText(entry.impactIfLost), at);
    assert.ok(isTextOrNull(entry.nixosOption) && isTextOrNull(entry.pathOption), at);
    assert.ok(entry.caveats.every(isText), at);
    assert.ok(entry.sources.length > 0 && entry.sources.every(isText), at);
    assert.ok(entry.paths.length > 0 || entry.caveats.length > 0, `${at}: nothing to say`);
  }
});

test("every path of the catalog is well formed and fits its entry", () => {
  const fields = ["dynamicUser", "group", "mode", "note", "path", "persist", "role", "type", "user"];
  for (const entry of catalog) {
    for (const path of entry.paths) {
      const at = `${entry.id}: ${path.path}`;
      assert.deepEqual(Object.keys(path).sort(), fields, at);
      assert.equal(path.path.startsWith("/"), entry.kind !== "user-app", at);
      assert.ok(isNormal(path.path), at);
      assert.ok(path.type === "directory" || path.type === "file", at);
      assert.ok(roles.includes(path.role) && persist.includes(path.persist), at);
      assert.ok(isTextOrNull(path.user) && isTextOrNull(path.group) && isTextOrNull(path.note), at);
      assert.ok(path.mode === null || /^[0-7]{4}$/.test(path.mode), at);
      if (path.dynamicUser) assert.match(path.path, /^\/var\/(?:lib|cache|log)\/private\/[^/]+/, at);
    }
  }
});

test("ids and paths of the catalog are unique", () => {
  const ids = catalog.map((entry) => entry.id);
  assert.equal(new Set(ids).size, ids.length);
  const paths = catalog.flatMap((entry) => entry.paths.map((path) => path.path));
  assert.deepEqual(
    paths.filter((path, index) => paths.indexOf(path) !== index),
    [],
  );
});

test("patterns are complete, unique and match what they show", () => {
  assert.equal(new Set(patterns.map((pattern) => pattern.id)).size, patterns.length);
  for (const pattern of patterns) {
    assert.ok(isText(pattern.title) && isText(pattern.advice), pattern.id);
    assert.ok(roles.includes(pattern.role) && persist.includes(pattern.persist), pattern.id);
    assert.equal(pattern.pattern.startsWith("/"), pattern.scope === "system", pattern.id);
    assert.ok(pattern.sources.length > 0 && pattern.sources.every(isText), pattern.id);
    const example = pattern.pattern
      .replace(/<[^>]*>|\*\*/g, "x")
      .replace(/\{([^,}]*)[^}]*\}/g, "$1")
      .replace(/\*/g, "");
    assert.match(example, compilePattern(pattern.pattern), pattern.id);
  }
});

test("the list of replaced files is complete", () => {
  for (const entry of atomicRewrites) {
    assert.match(entry.path, /^(?:~\/|\/)/);
    assert.ok(isText(entry.program) && isText(entry.instead), entry.path);
    assert.ok(entry.certainty === "verified" || entry.certainty === "reported", entry.path);
    assert.ok(entry.persist === null || entry.path.startsWith(`${entry.persist}/`), entry.path);
    assert.ok(entry.sources.length > 0 && entry.sources.every(isText), entry.path);
  }
});

test("noise has known reasons and normal paths", () => {
  for (const [path, reason] of noisePaths) {
    assert.ok(path.startsWith("/") && isNormal(path), path);
    assert.ok(reason in noiseReasons, path);
  }
  for (const [path, reason] of noiseHomePaths) {
    assert.ok(!path.startsWith("/") && isNormal(path), path);
    assert.ok(reason in noiseReasons, path);
  }
});
