import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { rules } from "../../../server/src/rules";
import { liveRules } from "../../../server/src/rules/live";
import { rulesConfiguration } from "../../../server/src/rules/settings";
import { defaultSettings, readSettings } from "../../../server/src/service/settings";
import { root } from "./vsix";

const file = path.join(root, "package.json");

test("the settings of the rules are up to date in package.json (UPDATE=1 writes them)", () => {
  const read = () => JSON.parse(readFileSync(file, "utf8"));
  const manifest = read();
  const section = JSON.parse(JSON.stringify(rulesConfiguration([...liveRules, ...rules])));
  if (process.env["UPDATE"] === "1") {
    manifest.contributes.configuration = [manifest.contributes.configuration[0], section];
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  assert.deepEqual(read().contributes.configuration[1], section);
});

test("each rule has its setting, those about a scanned host first", () => {
  const ids = Object.keys(rulesConfiguration([...liveRules, ...rules]).properties).map((key) =>
    key.replace(/^tidemark\.rules\./, ""),
  );
  assert.deepEqual(
    ids,
    [...liveRules, ...rules].map(({ id }) => id),
  );
});

test("every value on offer is one the server takes, and the defaults change nothing", () => {
  for (const [key, { enum: values, default: given }] of Object.entries(
    rulesConfiguration([...liveRules, ...rules]).properties,
  )) {
    const id = key.replace(/^tidemark\.rules\./, "");
    for (const value of values) {
      const { settings, problems } = readSettings({ rules: { [id]: value } });
      assert.deepEqual(problems, []);
      assert.deepEqual(settings, { ...defaultSettings, levels: { [id]: value } });
    }
    assert.equal(given, "default");
  }
});
