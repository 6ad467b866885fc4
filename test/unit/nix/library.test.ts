import assert from "node:assert/strict";
import { test } from "node:test";
import { askNix, evaluated, jsonOf, nixAvailable } from "./support";

/** Calls of the library that are wholly known, and what they give. */
const known: readonly (readonly [string, unknown])[] = [
  // Sets.
  ['lib.mapAttrs\' (n: v: lib.nameValuePair (n + "x") (v + 1)) { a = 1; b = 2; }', { ax: 2, bx: 3 }],
  ['lib.mapAttrs\' (n: v: { name = "x"; value = v; }) { b = 2; a = 1; }', { x: 1 }],
  ['lib.genAttrs\' [ "a" "b" ] (n: { name = n + n; value = n; })', { aa: "a", bb: "b" }],
  [
    "lib.attrsToList { b = 1; a = 2; }",
    [
      { name: "a", value: 2 },
      { name: "b", value: 1 },
    ],
  ],
  ['[ (lib.attrVals [ "b" "a" ] { a = 1; b = 2; }) (lib.getAttrs [ "a" ] { a = 1; b = 2; }) ]', [[2, 1], { a: 1 }]],
  [
    "lib.concatMapAttrs (n: v: { ${n} = v; ${n + n} = v; z = n; }) { b = 2; a = 1; }",
    { a: 1, aa: 1, b: 2, bb: 2, z: "b" },
  ],
  ['lib.foldlAttrs (acc: n: v: acc + n + toString v) ">" { b = 2; a = 1; }', ">a1b2"],
  ["lib.mapAttrsRecursive (path: v: path ++ [ v ]) { a.b = 1; c = 2; }", { a: { b: ["a", "b", 1] }, c: ["c", 2] }],
  [
    "lib.mapAttrsRecursiveCond (s: !(s ? leaf)) (path: v: path) { a.b = 1; c.leaf = true; }",
    { a: { b: ["a", "b"] }, c: ["c"] },
  ],
  ["lib.filterAttrsRecursive (n: v: v != null) { a.b = null; a.c = 1; d = null; }", { a: { c: 1 } }],
  ["lib.collect lib.isList { a.b = [ 1 ]; c = [ 2 ]; d = 3; }", [[1], [2]]],
  // Lists.
  ["lib.partition (x: x > 2) [ 1 3 2 4 ]", { right: [3, 4], wrong: [1, 2] }],
  ['builtins.groupBy (x: if x > 2 then "big" else "small") [ 1 3 2 ]', { big: [3], small: [1, 2] }],
  [
    "[ (lib.sort (a: b: a < b) [ 3 1 2 ]) (lib.sort (a: b: a > b) [ 3 1 2 ]) ]",
    [
      [1, 2, 3],
      [3, 2, 1],
    ],
  ],
  [
    'lib.sort (a: b: a.k < b.k) [ { k = 2; n = "a"; } { k = 1; n = "b"; } { k = 2; n = "c"; } { k = 1; n = "d"; } ]',
    [
      { k: 1, n: "b" },
      { k: 1, n: "d" },
      { k: 2, n: "a" },
      { k: 2, n: "c" },
    ],
  ],
  ["lib.sortOn (x: 0 - x) [ 1 3 2 ]", [3, 2, 1]],
  ["lib.zipLists [ 1 2 ] [ 3 ]", [{ fst: 1, snd: 3 }]],
  ["lib.zipListsWith (a: b: a + b) [ 1 2 ] [ 3 4 5 ]", [4, 6]],
  ["[ (lib.findFirst (x: x > 1) 0 [ 1 2 3 ]) (lib.findFirst (x: x > 9) 0 [ 1 ]) ]", [2, 0]],
  ["[ (lib.findFirstIndex (x: x > 1) null [ 1 2 ]) (lib.findFirstIndex (x: x > 9) null [ 1 ]) ]", [1, null]],
  ["map (xs: lib.findSingle (x: x > 1) 0 9 xs) [ [ 1 ] [ 1 2 ] [ 2 3 ] ]", [0, 2, 9]],
  ["[ (lib.count (x: x > 1) [ 1 2 3 ]) (lib.intersectLists [ 1 2 ] [ 2 3 1 ]) ]", [2, [2, 1]]],
  ["[ (lib.mutuallyExclusive [ 1 ] [ 2 ]) (lib.mutuallyExclusive [ 1 ] [ 1 ]) ]", [true, false]],
  [
    "[ (lib.ifilter0 (i: x: i == 0 || x > 2) [ 1 2 3 ]) (lib.sublist 1 2 [ 1 2 3 4 ]) ]",
    [
      [1, 3],
      [2, 3],
    ],
  ],
  [
    "[ (lib.replicate 2 1) (lib.imap (i: x: i * x) [ 5 5 ]) (lib.fold (x: a: x - a) 10 [ 1 2 ]) ]",
    [[1, 1], [5, 10], 9],
  ],
  // Strings.
  ['lib.stringToCharacters "abc"', ["a", "b", "c"]],
  ['lib.stringAsChars (c: if c == "/" then "-" else c) "/a/b"', "-a-b"],
  ['lib.concatLines [ "a" "b" ]', "a\nb\n"],
  [
    '[ (lib.concatImapStrings (i: s: toString i + s) [ "a" "b" ]) (lib.concatImapStringsSep "," (i: s: s) [ "a" "b" ]) ]',
    ["1a2b", "a,b"],
  ],
  ['[ (lib.trim " a b\\n") (lib.replaceString "a" "b" "aca") (lib.toSentenceCase "hELLO") ]', ["a b", "bcb", "Hello"]],
  ['lib.escapeShellArgs [ "a b" "/c" "it\'s" ]', "'a b' /c 'it'\\''s'"],
  ['[ (lib.toInt " 12 ") (lib.toInt "-3") (lib.fixedWidthString 4 "0" "12") ]', [12, -3, "0012"]],
  [
    'map (p: builtins.compareVersions (builtins.head p) (lib.last p)) [ [ "1.2" "1.10" ] [ "2.3.1" "2.3" ] [ "2.3pre1" "2.3" ] [ "1.a" "1.2" ] [ "1" "1" ] [ "2.3a" "2.3" ] ]',
    [-1, 1, -1, -1, 0, 1],
  ],
  ['[ (lib.versionOlder "24.05" "24.11") (lib.versionAtLeast "24.11" "24.11") ]', [true, true]],
  ['builtins.split "-" "a-b--c"', ["a", [], "b", [], "", [], "c"]],
  ['builtins.split "(b)" "abc"', ["a", ["b"], "c"]],
  ['[ (baseNameOf /a/b.nix) (toString (dirOf /a/b)) (lib.hasSuffix ".nix" "/a/b.nix") ]', ["b.nix", "/a", true]],
  // What warns, and what asks.
  [
    '[ (lib.throwIf false "x" 1) (lib.throwIfNot true "x" 1) (lib.warnIf true "x" 1) (lib.traceVal 1) (lib.info "x" 1) ]',
    [1, 1, 1, 1, 1],
  ],
  [
    "[ (lib.or true false) (lib.and true false) (lib.xor true true) (lib.min 1 2) (lib.max 1 2) (lib.mod 7 3) ]",
    [true, false, false, 1, 2, 1],
  ],
  [
    "[ (lib.defaultTo 1 null) (lib.defaultTo 1 2) (lib.mapNullable (x: x + 1) null) (lib.mapNullable (x: x + 1) 1) ]",
    [1, 2, null, 2],
  ],
  ["[ (lib.toFunction 1 2) (lib.toFunction (x: x + 1) 2) ]", [1, 3]],
  [
    'map builtins.typeOf [ "a" 1 [ ] { } null true (x: x) /a ]',
    ["string", "int", "list", "set", "null", "bool", "lambda", "path"],
  ],
  ['[ (lib.isDerivation { type = "derivation"; }) (lib.isDerivation { }) ]', [true, false]],
  ["builtins.functionArgs ({ a, b ? 1, ... }: a)", { a: false, b: true }],
  ["(builtins.tryEval 1)", { success: true, value: 1 }],
  ['[ (builtins.unsafeDiscardStringContext "a") (lib.assertMsg true "x") ]', ["a", true]],
  // Sets made of themselves, and a library of one's own.
  ["(lib.fix (self: { a = 1; b = self.a + 1; })).b", 2],
  ["((lib.makeExtensible (self: { a = 1; b = self.a; })).extend (final: prev: { a = prev.a + 1; })).b", 2],
  [
    "(lib.composeManyExtensions [ (final: prev: { a = prev.z; }) (final: prev: { b = prev.a + 1; }) ] { } { z = 1; }).b",
    2,
  ],
  ["(lib.composeExtensions (final: prev: { a = 1; }) (final: prev: { b = prev.a; }) { } { }).b", 1],
  ["(lib.extends (final: prev: { a = prev.a + 1; }) (final: { a = 1; b = final.a; }) { a = 5; }).b", 5],
  ["let l = lib.extend (final: prev: { my = xs: final.concatLists xs; }); in l.my [ [ 1 ] [ 2 ] ]", [1, 2]],
  ["let l = lib // { head = xs: 9; }; in [ (l.head [ 1 ]) (l.last [ 1 2 ]) ]", [9, 2]],
  ["with lib // { own = 1; }; [ own (last [ 2 3 ]) ]", [1, 3]],
  ["let l = { own = 1; last = 2; } // lib; in l.last [ 1 2 ]", 2],
  ["(lib.recursiveUpdate lib { lists.own = 1; }).lists.flatten [ 1 [ 2 ] ]", [1, 2]],
];

for (const [text, expected] of known) test(text, async () => assert.deepEqual(jsonOf(await evaluated(text)), expected));

test("real Nix agrees about the library", { skip: nixAvailable ? false : "nix-instantiate is not installed" }, () => {
  const answers = askNix(known.map(([text]) => text));
  for (const [index, [text, expected]] of known.entries()) assert.deepEqual(answers[index], { value: expected }, text);
});

/** What may be something else is not known. */
const unsure = [
  "{ my = 1; } // unknown",
  "(lib // unknown).own",
  "lib.sort (a: b: unknown) [ 1 2 ]",
  "lib.findFirst (x: unknown) 0 [ 1 2 ]",
  "lib.findFirst (x: x > 1) 0 (lib.optional unknown 2)",
  "lib.foldlAttrs (a: n: v: a + v) 0 (lib.optionalAttrs unknown { a = 1; })",
  "lib.collect unknown { a = 1; }",
  "(builtins.tryEval unknown).success",
  "lib.defaultTo 1 unknown",
  'lib.versionOlder unknown "24.11"',
];

for (const text of unsure)
  test(`not known: ${text}`, async () => assert.equal(jsonOf(await evaluated(`{ unknown }: ${text}`)), undefined));

test("what cannot be told apart is there under a condition", async () => {
  const value = await evaluated("(lib.partition (x: missing) [ 1 ]).right");
  assert.deepEqual(value.kind === "list" && value.elements.map(({ conditional }) => conditional), [true]);
});
