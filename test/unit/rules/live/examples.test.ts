import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rules } from "../../../../server/src/rules";
import { checkHost, liveRules } from "../../../../server/src/rules/live";
import type { LiveRule } from "../../../../server/src/rules/live/rule";
import { onFirstLine, unmark } from "../support";
import { hostOf } from "./host";
import { commands, contextOf, fixed } from "./support";

async function problems(rule: LiveRule, text: string, host: string) {
  const context = await contextOf(hostOf(host), { "host.nix": text });
  return { context, found: checkHost(context, () => ({}), [rule]) };
}

for (const rule of liveRules) {
  describe(rule.id, () => {
    for (const example of rule.examples) {
      const { text, markers } = unmark(example.text);

      test(`${example.title}: reports what is marked`, async () => {
        const { found } = await problems(rule, text, example.host);
        const shown = found
          .map(({ place, message }) => ({ span: onFirstLine(text, place?.span ?? { start: 0, end: 0 }), message }))
          .sort((a, b) => a.span.start - b.span.start);
        const at = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
        assert.deepEqual(
          shown.map(({ span }) => at(span)),
          markers.map(({ span }) => at(span)),
          JSON.stringify(shown, null, 2),
        );
        for (const [index, marker] of markers.entries()) {
          const { span, message } = shown[index] ?? assert.fail("one problem for each marker");
          assert.deepEqual(span, marker.span);
          assert.ok(message.includes(marker.message), `${message}\ndoes not contain\n${marker.message}`);
        }
      });

      test(`${example.title}: the fixes are as documented, and the edit is enough`, async () => {
        const { context, found } = await problems(rule, text, example.host);
        assert.equal(commands(found), example.commands?.trim() ?? null);
        const after = fixed(context, found);
        assert.equal(after, example.fixed ?? null);
        if (after === null) return;
        const left = (await problems(rule, after, example.host)).found;
        assert.ok(left.length < found.length || left.length + found.length === 2, "gone, or one path less to tell");
        assert.notDeepEqual(
          left.map(({ message }) => message),
          found.map(({ message }) => message),
        );
      });
    }

    test("has examples that are reported and examples that are not", () => {
      const marked = rule.examples.map(({ text }) => unmark(text).markers.length);
      assert.ok(marked.filter((count) => count > 0).length >= 1);
      assert.ok(marked.filter((count) => count === 0).length >= 2);
    });

    test("speaks in whole sentences, and names the host", async () => {
      for (const { text, host } of rule.examples)
        for (const { message } of (await problems(rule, unmark(text).text, host)).found) {
          assert.match(message, /^(?:["`A-Z/\d]|juni ).*[.?!]$/s);
          assert.ok(message.includes("juni"), message);
          assert.ok(message.length < 500, message);
        }
    });

    test("says nothing of a host of which only the root is known", async () => {
      for (const { text, host } of rule.examples) {
        const scan = { ...hostOf(host), deployed: null };
        const found = checkHost(await contextOf(scan, { "host.nix": unmark(text).text }), () => ({}), [rule]);
        const told = ["unpersisted", "lost-last-boot", "root-not-ephemeral"].includes(rule.id);
        if (!told) assert.deepEqual(found, []);
        assert.equal(commands(found), null);
      }
    });
  });
}

test("ids are unique and fit for settings and anchors", () => {
  const ids = [...rules, ...liveRules].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z]+(?:-[a-z][a-z0-9]*)*$/);
});
