import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rules } from "../../../server/src/rules";
import { silenceFile, silenceLine } from "../../../server/src/rules/silence";
import { suppressions } from "../../../server/src/rules/support/suppression";
import { applyEdits } from "../../../server/src/syntax/span";
import { read } from "../../support/grammar";
import { nixAvailable, nixComplaint } from "../edit/support";
import { findings, unmark } from "./support";

/** The text with a comment for what `«…»` marks. */
function silenced(marked: string, how: typeof silenceLine): string | null {
  const start = marked.indexOf("«");
  const text = marked.replace(/[«»]/g, "");
  const edit = how(text, "a-rule", { start, end: marked.indexOf("»") - 1 });
  return edit === null ? null : applyEdits(text, [edit]);
}

describe("for a line", () => {
  for (const [title, before, after] of [
    ["above, as far in", "[\n  «x»\n]", "[\n  # tidemark-ignore a-rule\n  x\n]"],
    ["above the first line", "[ «x» ]", "# tidemark-ignore a-rule\n[ x ]"],
    [
      "into the comment above",
      "[\n  # tidemark-ignore b-rule\n  «x»\n]",
      "[\n  # tidemark-ignore b-rule, a-rule\n  x\n]",
    ],
    [
      "into the comment behind",
      "[\n  «x» # tidemark-ignore b-rule because\n]",
      "[\n  x # tidemark-ignore b-rule, a-rule because\n]",
    ],
    ["behind the end of a string", "''\n  a'' «x»\n", "''\n  a'' x # tidemark-ignore a-rule\n"],
    ["behind the end of a comment", "/* a\n*/ «x»\n", "/* a\n*/ x # tidemark-ignore a-rule\n"],
    ["with the file's line ends", "[\r\n\t«x»\r\n]", "[\r\n\t# tidemark-ignore a-rule\r\n\tx\r\n]"],
    ["behind the byte order mark", "\uFEFF«x»", "\uFEFF# tidemark-ignore a-rule\nx"],
    [
      "above the string it is in",
      "{\n  a = ''\n    «x»\n  '';\n}",
      "{\n  # tidemark-ignore a-rule\n  a = ''\n    x\n  '';\n}",
    ],
    [
      "above the outermost string",
      "{\n  a = f ''\n    ${g ''\n      «x»\n    ''}\n  '';\n}",
      "{\n  # tidemark-ignore a-rule\n  a = f ''\n    ${g ''\n      x\n    ''}\n  '';\n}",
    ],
    [
      "not into what looks like one in the string",
      "a = ''\n  # tidemark-ignore b-rule\n  «x»\n''",
      "# tidemark-ignore a-rule\na = ''\n  # tidemark-ignore b-rule\n  x\n''",
    ],
    [
      "into the comment above the string",
      "# tidemark-ignore b-rule\na = ''\n  «x»\n''",
      "# tidemark-ignore b-rule, a-rule\na = ''\n  x\n''",
    ],
    ["nowhere where strings are on all lines", "a ''\n'' b ''\n  «x»\n''", null],
    ["on the line a longer finding begins on", "[\n  «{\n  }»\n]", "[\n  # tidemark-ignore a-rule\n  {\n  }\n]"],
  ] as const)
    test(title, () => assert.equal(silenced(before, silenceLine), after));
});

test("a comment counts for the lines of the string below it, not for those behind", () => {
  const text = "# tidemark-ignore a-rule\na = ''\n  x\n  # tidemark-ignore b-rule\n  y\n'';\nz = 1;\n";
  const isSilenced = (code: string, place: string) =>
    suppressions(text)(code, { start: text.indexOf(place), end: text.indexOf(place) + 1 });
  assert.deepEqual(
    ["x\n", "y\n", "z ="].map((place) => [isSilenced("a-rule", place), isSilenced("b-rule", place)]),
    [
      [true, false],
      [true, true],
      [false, false],
    ],
  );
});

describe("for a file", () => {
  for (const [title, before, after] of [
    ["at its beginning", "{ }: «x»", "# tidemark-ignore-file a-rule\n{ }: x"],
    [
      "into a comment there is",
      "# About.\n# tidemark-ignore-file b-rule\n«x»",
      "# About.\n# tidemark-ignore-file b-rule, a-rule\nx",
    ],
    [
      "behind the interpreter",
      "#!/usr/bin/env nix-shell\n#! nix-shell -i bash\n«x»",
      "#!/usr/bin/env nix-shell\n#! nix-shell -i bash\n# tidemark-ignore-file a-rule\nx",
    ],
    [
      "not into one that has no effect",
      "x\n# tidemark-ignore-file b-rule\n«y»",
      "# tidemark-ignore-file a-rule\nx\n# tidemark-ignore-file b-rule\ny",
    ],
    ["behind the byte order mark", "\uFEFF«x»\r\n", "\uFEFF# tidemark-ignore-file a-rule\r\nx\r\n"],
  ] as const)
    test(title, () => assert.equal(silenced(before, silenceFile), after));
});

test("every finding of every example can be silenced, both ways, and nothing else changes", async () => {
  const texts: string[] = [];
  const all = rules.flatMap(({ id, examples }) => examples.map((example) => ({ id, text: unmark(example.text).text })));
  for (const { id, text } of all) {
    const before = await findings(text);
    for (const { code, span } of before) {
      for (const how of [silenceLine, silenceFile]) {
        const edit = how(text, code, span) ?? assert.fail(`${code} has no comment in\n${text}`);
        assert.equal(edit.span.start, edit.span.end, "nothing is replaced");
        const after = applyEdits(text, [edit]);
        assert.deepEqual((await read(after)).blocks.length, (await read(text)).blocks.length);
        const left = (await findings(after)).filter((finding) => finding.code === code).length;
        assert.ok(left < before.filter((finding) => finding.code === code).length, `${code} is still there:\n${after}`);
        if (id !== "syntax-error") texts.push(after);
      }
    }
  }
  assert.ok(texts.length > 60);
  if (nixAvailable) assert.equal(nixComplaint(texts), null);
});
