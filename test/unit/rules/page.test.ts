import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { rules } from "../../../server/src/rules/index";
import { liveRules } from "../../../server/src/rules/live";
import { rulesPage } from "../../../server/src/rules/page";
import { findings } from "./support";

const file = path.join(__dirname, "..", "..", "..", "server", "docs", "rules.md");

test("the page of rules is up to date (UPDATE=1 writes it)", () => {
  const page = rulesPage(rules, liveRules);
  if (process.env["UPDATE"] === "1") writeFileSync(file, page);
  assert.equal(readFileSync(file, "utf8"), page);
});

test("each rule has a heading that is its anchor, and the table links to it", () => {
  const page = rulesPage(rules, liveRules);
  for (const { id } of [...rules, ...liveRules]) {
    assert.equal(page.split(`\n## ${id}\n`).length, 2, id);
    assert.ok(page.includes(`(#${id})`), id);
  }
});

test("the page's own comments silence what they name", async () => {
  const nix =
    /```nix\n(# tidemark-ignore-file[^`]*)```/.exec(rulesPage(rules, liveRules))?.[1] ??
    assert.fail("an example of comments");
  assert.deepEqual(await findings(nix), []);
  const silent = nix.replace(/# tidemark-ignore/g, "# ignore");
  assert.deepEqual(
    (await findings(silent)).map(({ code }) => code),
    ["unnormalised-path", "relative-system-path", "unnormalised-path"],
  );
});
