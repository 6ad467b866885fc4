import assert from "node:assert/strict";
import { test } from "node:test";
import { mask } from "../../../server/src/syntax/mask";

const cases: readonly (readonly [string, string, string])[] = [
  ["trailing comma of formals", "{ a, b, }: a", "{ a, b  }: a"],
  ["with a comment between", "{ a, # x }\n}: a", "{ a  # x }\n}: a"],
  ["with a block comment between", "{ a, /* } */ }: a", "{ a  /* } */ }: a"],
  ["other commas stay", "{ a, b }: a", "{ a, b }: a"],
  ["pipe operators", "a |> b <| c", "a -> b -> c"],
  ["a comment that never ends", "{ a, /* ", "{ a, /* "],
  [
    "what looks like a comment in a string hides nothing",
    '{ x = "a,/*,b"; f = { a, }: a; }',
    '{ x = "a,/*,b"; f = { a  }: a; }',
  ],
  ["a comma at the end", "{ a,", "{ a,"],
];
for (const [title, text, expected] of cases) {
  test(`mask: ${title}`, () => {
    assert.equal(mask(text), expected);
    assert.equal(mask(text).length, text.length);
  });
}

test("mask is linear in hostile text", () => {
  const half = (length: number) => {
    const started = process.hrtime.bigint();
    mask(",/*".repeat(length));
    mask(", ".repeat(length));
    return Number(process.hrtime.bigint() - started);
  };
  half(100_000);
  const small = Math.min(half(100_000), half(100_000));
  const large = half(800_000);
  // Quadratic would be 64 times; the bound leaves room for a busy machine.
  assert.ok(large < small * 40 + 50e6, `8 times the text took ${(large / small).toFixed(1)} times as long`);
});
