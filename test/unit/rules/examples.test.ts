import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { rules } from "../../../server/src/rules/index";
import type { Problem, Rule } from "../../../server/src/rules/rule";
import { suppressions } from "../../../server/src/rules/support/suppression";
import { applyEdits } from "../../../server/src/syntax/span";
import { contextOf, onFirstLine, unmark } from "./support";

async function problems(rule: Rule, text: string): Promise<readonly Problem[]> {
  const isSuppressed = suppressions(text);
  return rule.check(await contextOf({ "host.nix": text })).filter(({ span }) => !isSuppressed(rule.id, span));
}

/** The text after the first fix of the first problem that has one; null where none has. */
async function fixedOnce(rule: Rule, text: string): Promise<string | null> {
  const fix = (await problems(rule, text)).flatMap((problem) => problem.fixes ?? [])[0];
  return fix === undefined ? null : applyEdits(text, fix.edits);
}

for (const rule of rules) {
  describe(rule.id, () => {
    for (const example of rule.examples) {
      const { text, markers } = unmark(example.text);

      test(`${example.title}: reports what is marked`, async () => {
        const found = [...(await problems(rule, text))].sort((a, b) => a.span.start - b.span.start);
        const shown = found.map(({ span, message }) => ({ code: at(text, onFirstLine(text, span)), message }));
        assert.deepEqual(
          shown.map(({ code }) => code),
          markers.map(({ span }) => at(text, span)),
          JSON.stringify(shown, null, 2),
        );
        for (const [index, marker] of markers.entries()) {
          const { span, message } = found[index] ?? assert.fail("one problem for each marker");
          assert.deepEqual(onFirstLine(text, span), marker.span);
          assert.ok(message.includes(marker.message), `${message}\ndoes not contain\n${marker.message}`);
        }
      });

      test(`${example.title}: the fix is as documented, and once is enough`, async () => {
        const fixed = await fixedOnce(rule, text);
        assert.equal(fixed, example.fixed ?? null);
        if (fixed === null) return;
        const before = await problems(rule, text);
        const after = await problems(rule, fixed);
        assert.equal(after.length, before.length - 1);
        const again = await fixedOnce(rule, fixed);
        assert.equal(
          again === null,
          after.every(({ fixes }) => (fixes ?? []).length === 0),
        );
      });

      test(`${example.title}: every other fix removes the problem too`, async () => {
        const before = await problems(rule, text);
        for (const fix of before.flatMap((problem) => problem.fixes ?? [])) {
          const after = await problems(rule, applyEdits(text, fix.edits));
          assert.equal(after.length, before.length - 1, fix.title);
        }
      });
    }

    test("has examples that are reported and examples that are not, in several spellings", () => {
      const marked = rule.examples.map(({ text }) => unmark(text).markers.length);
      assert.ok(marked.filter((count) => count > 0).length >= 2);
      assert.ok(marked.filter((count) => count === 0).length >= 2);
      assert.ok(rule.examples.length >= 4);
    });

    test("speaks in whole sentences", async () => {
      for (const { text } of rule.examples)
        for (const { message } of await problems(rule, unmark(text).text)) {
          assert.match(message, /^["`A-Z].*[.?!]$/s);
          assert.ok(message.length < 330, message);
        }
    });
  });
}

test("ids are unique and fit for settings and anchors", () => {
  const ids = rules.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z]+(?:-[a-z][a-z0-9]*)+$/);
});

const binary = spawnSync("nix-instantiate", ["--version"], { encoding: "utf8" });
const missing = binary.status === 0 ? false : "nix-instantiate is not installed";

test("Nix parses every example without a syntax error, and every fixed text", { skip: missing }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tidemark-rules-"));
  try {
    const texts = rules
      .filter(({ id }) => id !== "syntax-error")
      .flatMap((rule) =>
        rule.examples.flatMap(({ text, fixed }) => [unmark(text).text, ...(fixed === undefined ? [] : [fixed])]),
      );
    const files = texts.map((text, index) => {
      const file = path.join(folder, `${index}.nix`);
      writeFileSync(file, text);
      return file;
    });
    const { status, stderr } = spawnSync("nix-instantiate", ["--parse", ...files], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function at(text: string, span: { readonly start: number; readonly end: number }): string {
  return text.slice(span.start, span.end);
}
