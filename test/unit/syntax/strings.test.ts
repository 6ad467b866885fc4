import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { lower } from "../../../server/src/nix/lower";
import { SyntaxDocument } from "../../../server/src/syntax/document";
import { quote, unwritableReason } from "../../../server/src/syntax/strings";
import { grammar } from "../../support/grammar";

async function evaluate(expression: string) {
  const document = new SyntaxDocument(await grammar(), expression);
  const value = lower(document.root?.namedChildren[0] ?? null, expression);
  document.dispose();
  return value;
}

const literals = [
  '"plain"',
  '"a\\nb\\tc\\"d\\\\e"',
  '"\\${x} $${y} $"',
  '"\\q"',
  "''two\n  lines''",
  "''\n  indented\n    more\n  ''",
  "''esc ''${x} ''' ''\\n $$''",
  "''\n\n  a\n\n  b''",
  '""',
  "''''",
];
const names = [
  "a b",
  'q"q',
  "back\\slash",
  "${x}",
  "$${x}",
  "$",
  "$$",
  "\\${",
  "new\nline",
  "tab\t",
  "ünïcödé 💣",
  "''",
  "'",
  "#",
  "\\n",
];

for (const literal of literals) {
  test(`the text of ${JSON.stringify(literal)} is what Nix says`, async (t) => {
    const expected = askNix(literal);
    if (expected === null) return t.skip("nix-instantiate is not on PATH");
    assert.deepEqual(await evaluate(literal), {
      kind: "string",
      text: expected,
      span: { start: 0, end: literal.length },
    });
  });
}

for (const name of names) {
  test(`quote(${JSON.stringify(name)}) is read back as the same name`, async () => {
    const value = await evaluate(quote(name));
    assert.equal(value.kind === "string" ? value.text : value.kind, name);
    const expected = askNix(quote(name));
    if (expected !== null) assert.equal(expected, name);
  });
}

test("names that Nix cannot hold have a reason", () => {
  assert.match(unwritableReason("a\0b") ?? "", /NUL/);
  assert.match(unwritableReason("a\uFFFDb") ?? "", /UTF-8/);
  assert.equal(unwritableReason("ünïcödé 💣\n"), null);
});

function askNix(expression: string): string | null {
  const result = spawnSync("nix-instantiate", ["--eval", "--strict", "--json", "-E", expression], { encoding: "utf8" });
  if (result.error) return null;
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.stdout) as string;
}
