import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFile, rules } from "../../../server/src/rules/index";
import { applyEdits } from "../../../server/src/syntax/span";
import { contextOf, unmark } from "./support";

/** A small generator of numbers below `limit`, the same in each run. */
function randomness(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const texts = rules.flatMap(({ examples }) => examples.map(({ text }) => unmark(text).text));

function damaged(text: string, random: (limit: number) => number): string {
  const [a, b] = [random(text.length + 1), random(text.length + 1)];
  const [start, end] = a < b ? [a, b] : [b, a];
  const scraps = [
    '"',
    "''",
    "[",
    "]",
    "{",
    "}",
    ";",
    "=",
    "${",
    "/",
    "#",
    "\0",
    "\uFFFD",
    "\u{1F600}",
    "\r",
    "null",
    "inherit ",
  ];
  const paths = ["/var/log", "/var/log/", "var/lib", ".ssh", "/home/josh/.ssh", "symlink", "true", "0700"];
  const strings = text.match(/"[^"]*"/g) ?? [];
  const chosen = strings[random(strings.length)] ?? "";
  const other = texts[random(texts.length)] ?? "";
  switch (random(8)) {
    case 0:
      return text.slice(start, end);
    case 1:
      return text.slice(0, start) + text.slice(Math.min(end, start + 12));
    case 2:
      return text.slice(0, start) + (scraps[random(scraps.length)] ?? "") + text.slice(start);
    case 3:
      return text.replaceAll(chosen, () => `"${paths[random(paths.length)] ?? ""}"`);
    case 4:
      return text.replace(chosen, `${chosen} ${chosen}`);
    case 5:
      return text.replace(chosen, chosen.slice(1, -1));
    case 6:
      return text.replace(/\s+/g, " ");
    default:
      return text.slice(0, start) + other.slice(random(other.length + 1));
  }
}

test("no damage to a text makes a rule throw, point outside the text, or fix what breaks the syntax", async () => {
  const random = randomness(20_240_501);
  let parsed = 0;
  for (let round = 0; round < 1500; round++) {
    const text = damaged(texts[round % texts.length] ?? "", random);
    const second = damaged(texts[random(texts.length)] ?? "", random);
    const context = await contextOf({ "host.nix": text, "other.nix": second });
    const sizes = new Map(context.host.map((file) => [file.name, file.text.length]));
    for (const finding of checkFile(context)) {
      const label = `${finding.code} in ${JSON.stringify(text)}`;
      const { start, end } = finding.span;
      assert.ok(0 <= start && start <= end && end <= text.length, label);
      for (const { file, span } of finding.related ?? [])
        assert.ok(0 <= span.start && span.start <= span.end && span.end <= (sizes.get(file) ?? -1), label);
      for (const fix of finding.fixes ?? []) {
        const edits = new Map([
          ...(fix.others ?? []),
          ...(fix.edits.length > 0 ? [["host.nix", fix.edits] as const] : []),
        ]);
        assert.ok(edits.size > 0, label);
        for (const [name, list] of edits) {
          const file = context.host.find((other) => other.name === name) ?? assert.fail(name);
          const fixed = applyEdits(file.text, list);
          assert.notEqual(fixed, file.text, label);
          if (file.persistence.syntaxError !== null) continue;
          parsed++;
          const after = (await contextOf({ "host.nix": fixed })).file.persistence;
          assert.equal(after.syntaxError, null, `${label}, after ${fix.title}: ${fixed}`);
        }
      }
    }
  }
  assert.ok(parsed > 100, `only ${parsed} fixes were tried`);
});
