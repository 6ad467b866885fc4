import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { placeAt } from "../../../server/src/syntax/place";

function at(marked: string) {
  const offset = marked.indexOf("|");
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const place = placeAt(text, offset);
  const path = place.path.map((step) => (step === "in" ? "in" : (step.name ?? "?"))).join(".");
  return {
    ...place,
    path,
    typed: place.typed.map(({ name }) => name).join("."),
    word: text.slice(place.word.start, place.word.end),
  };
}

describe("what the cursor stands in", () => {
  for (const [text, kind, path, word] of [
    ["{ a.b = { c = |x; }; }", "value", "a.b.c", ""],
    ["{ a.b = { c| = 1; }; }", "name", "a.b", "c"],
    ["{ a = [ | ]; }", "element", "a", ""],
    ["{ a = [ { b = [ x| ]; } ]; }", "element", "a.in.b", "x"],
    ['{ a."x/y".b = "|"; }', "string", "a.x/y.b", ""],
    ['{ a."${x}".b = { | }; }', "name", "a.?.b", ""],
    ['{ a = "${b.c |}"; }', "other", "a", ""],
    ["{ a = ''\n  ''${b}\n  |''; }", "string", "a", "\n  ''${b}\n  "],
    ["{ a = 1; # b = [ |\n}", "comment", "", ""],
    ["{ a = 1; /* [ | */ }", "comment", "", ""],
    ["{ a = with b; [ | ]; }", "element", "a", ""],
    ["{ a = assert b; { | }; }", "name", "a", ""],
    ["{ a = let b = 1; in { | }; }", "name", "a", ""],
    ["{ a = let | in { }; }", "name", "a.?", ""],
    ["{ a = b: c: { | }; }", "name", "a", ""],
    ["{ a = f [ x ] { | }; }", "name", "a", ""],
    ["{ a = x == y; b = |", "value", "b", ""],
    ["{ a = x\n  b| }", "name", "", "b"],
    ["{ a = x +\n  b| }", "value", "a", "b"],
    ["{ a = [ ( ]; b = { |", "name", "b", ""],
    ["{ a = { b = [ }; c = |", "value", "c", ""],
    ["{ a = 1; } } ] ) | ", "other", "", ""],
    ["{ a = ./x/y.nix; b = <nixpkgs/x>; c = https://x.y/z; d| }", "name", "", "d"],
    ["{ a, b ? { }, ... }@c: { d| }", "name", "", "d"],
    ["{ a, | }: { }", "other", "", ""],
    ["{ inherit (x) a |; }", "other", "", ""],
    ["{ x' = 1; y'' = ''|''; }", "string", "y''", ""],
  ] as const)
    test(text, () => {
      const place = at(text);
      assert.deepEqual([place.at, place.path, place.word], [kind, path, word]);
    });

  test("names typed with dots", () => {
    const place = at("{ a = { b.c.d| }; }");
    assert.deepEqual([place.path, place.typed, place.word], ["a", "b.c", "d"]);
  });
  test("names and strings beside it, on both sides, without its own", () => {
    const place = at("{ a = { b = 1; inherit c; x| = 2; d.e = { f = 1; }; }; g = 1; }");
    assert.deepEqual(place.names, ["b", "c", "d"]);
    const list = at(
      '{ a = [ "1" { directory = "2"; } ( "no" ) "x|" "3" { directory = "4"; x = "no"; } ]; b = [ "no" ]; }',
    );
    assert.deepEqual(list.strings, ["1", "2", "3", "4"]);
  });
  test("a string without its end stops at its line", () => {
    const place = at('{ a = [\n  "x|\n  "y"\n  "z"\n]; }');
    assert.deepEqual([place.word, place.string?.closed, place.strings.join()], ["x", false, "y,z"]);
    const earlier = at('{ directories = [\n  "x\n  "|"\n  "z"\n]; files = [ { file = "y\n  } ]; c = 1; }');
    assert.deepEqual([earlier.at, earlier.word, earlier.strings.join()], ["string", "", "z"]);
    const later = at('{ directories = [ { directory = "x\n } "y" ]; b| }');
    assert.deepEqual([later.at, later.path, later.names.join()], ["name", "", "directories"]);
    assert.equal(at('{ a = [ "x\n  |" ]; }').word, "x\n  ");
    assert.equal(at('[ "a| b" ]').word, "a b");
    assert.equal(at('[ "a| "b" ]').word, "a");
  });
});

test("hostile texts take time linear in their length, and nothing throws", () => {
  const parts = [
    "[",
    "{ a = ",
    "(",
    '"${',
    "''${",
    "a.",
    "/*",
    "#\n",
    '"',
    "''",
    "]",
    "}",
    "let ",
    "in ",
    "=",
    "a/b/",
    "\\",
    "$",
    "\u0000",
  ];
  const many = [...parts, ...parts.flatMap((one) => parts.map((other) => one + other))];
  for (const part of many) {
    const [short, long] = [part.repeat(1_000), part.repeat(10_000)];
    const time = (text: string) => {
      const started = performance.now();
      placeAt(text, text.length);
      placeAt(text, text.length >> 1);
      return performance.now() - started;
    };
    time(short);
    let slow = time(long);
    // Others use the machine as well: only what is slow each time is slow.
    for (let again = 0; slow >= 300 && again < 3; again++) slow = Math.min(slow, time(long));
    assert.ok(slow < 300, `${JSON.stringify(part)}: ${slow} ms for ${long.length} characters`);
  }
});
