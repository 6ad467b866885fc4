import assert from "node:assert/strict";
import { test } from "node:test";
import { SyntaxDocument } from "../../../server/src/syntax/document";
import { grammar } from "../../support/grammar";
import { random } from "../../support/random";

const sample = `{ config, lib, ... }:
{
  # ß ℝ 💣
  environment.persistence."/persist" = {
    directories = [ "/var/log" { directory = "/x"; mode = "0700"; } ];
    files = lib.optionals true [ ''/etc/machine-id'' ];
  };
}
`;
const pieces = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "''",
  ";",
  "=",
  ",",
  " ",
  "\n",
  "a",
  "/b",
  "# c\n",
  "${",
  "|>",
  "💣",
  "{ a, }: ",
];

test("parsing piece by piece gives the same tree as parsing the whole", async () => {
  const shared = await grammar();
  const next = random(7);
  let text = sample;
  const document = new SyntaxDocument(shared, text);
  for (let round = 0; round < 400; round++) {
    const at = next(text.length + 1);
    const removed = next(3) === 0 ? next(12) : 0;
    const added = next(4) === 0 ? "" : (pieces[next(pieces.length)] ?? "");
    text = text.slice(0, at) + added + text.slice(at + removed);
    if (text.length < 40) text += sample;
    document.update(text);
    const whole = new SyntaxDocument(shared, text);
    assert.equal(document.root?.endIndex, whole.root?.endIndex);
    assert.equal(document.root?.hasError, whole.root?.hasError, text);
    if (!whole.root?.hasError) assert.equal(document.root?.toString(), whole.root?.toString(), text);
    whole.dispose();
  }
  document.dispose();
});

test("trees are freed: many edits do not grow the memory of the parser", async () => {
  const shared = await grammar();
  const document = new SyntaxDocument(shared, sample.repeat(20));
  const edit = (round: number) => document.update(`${sample.repeat(20)}# ${round}\n`);
  for (let round = 0; round < 200; round++) edit(round);
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  for (let round = 0; round < 2000; round++) edit(round);
  const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().external - before;
  document.dispose();
  assert.ok(grown < 20e6, `grew by ${grown} bytes in 2000 edits`);
});

test("a text that would take the parser without measure is given up, and the next one parses", async () => {
  const shared = await grammar();
  const document = new SyntaxDocument(shared, "-".repeat(40_000));
  assert.equal(document.root === null, true);
  document.update(sample);
  assert.equal(document.root?.hasError, false);
  document.dispose();
});
