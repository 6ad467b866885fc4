import assert from "node:assert/strict";
import { test } from "node:test";
import { askNix, evaluated, jsonOf, nixAvailable } from "./support";

/** Expressions that are wholly known, and what they are. */
const known: readonly (readonly [string, unknown])[] = [
  // Literals.
  ["[ 1 (-2) 0700 true false null \"a\" ''b'' ]", [1, -2, 700, true, false, null, "a", "b"]],
  ['{ a = 1; b.c = 2; b.d = 3; "e f" = 4; }', { a: 1, b: { c: 2, d: 3 }, "e f": 4 }],
  // Names.
  ['let a = "x"; in a', "x"],
  ["let a = b; b = 1; in a", 1],
  ["let a = 1; in let a = 2; in a", 2],
  ["let a.b = 1; a.c = 2; in a", { b: 1, c: 2 }],
  ["let a = { b = 1; c = 2; }; in a.b", 1],
  ["rec { a = 1; b = a; c = rec { a = 3; d = a; }; }", { a: 1, b: 1, c: { a: 3, d: 3 } }],
  ["let a = 1; in { inherit a; }", { a: 1 }],
  ["let s = { a = 1; b = 2; }; in { inherit (s) a b; }", { a: 1, b: 2 }],
  ["let a = 1; in rec { inherit a; b = a; }", { a: 1, b: 1 }],
  ["let inherit ({ a = 1; }) a; in a", 1],
  ["with { a = 1; }; a", 1],
  ["let a = 1; in with { a = 2; b = 3; }; [ a b ]", [1, 3]],
  ["with { a = 1; }; with { a = 2; }; a", 2],
  ["with { map = 1; true = 2; }; [ (map (x: x) [ ]) true ]", [[], true]],
  ["let { body = a; a = 1; }", 1],
  // Strings and paths.
  ['let p = "/persist"; in [ "${p}/x" (p + "/y") ]', ["/persist/x", "/persist/y"]],
  ["let n = \"a\"; in ''\n  x\n    ${n}\n  y''", "x\n  a\ny"],
  ["let n = \"a\\n  b\"; in ''\n    ${n}\n  c\n''", "  a\n  b\nc\n"],
  ['"${"a${"b"}"}"', "ab"],
  ['"a\\rb"', "a\rb"],
  ['toString [ 1 true false null "a" [ 2 ] ]', "1 1   a 2"],
  ["toString /a/./b/../c", "/a/c"],
  ['toString (/a + "/b//c/")', "/a/b/c"],
  ['let n = "x"; in toString /var/lib/${n}', "/var/lib/x"],
  ["http://example.org/x", "http://example.org/x"],
  // Names of attributes.
  ['let n = "x"; in { ${n} = 1; "${n}-y" = 2; }', { x: 1, "x-y": 2 }],
  ['let n = "x"; s = { x = 1; }; in [ s.${n} s."${n}" ]', [1, 1]],
  ["{ a.b = 1; }.a.b", 1],
  ["{ a = 1; }.b or 2", 2],
  ["{ a.b = 1; }.a.c.d or 2", 2],
  ["{ a = 1; }.a.b or 2", 2],
  ["{ a = { b = null; }; }.a.b.c.d or 2", 2],
  ['map (dir: dir.dir or dir) [ "a" { dir = "b"; } ]', ["a", "b"]],
  ['map (x: x.${"a"} or 0) [ [ ] true ./. 1.5 { a = 1; } ]', [0, 0, 0, 0, 1]],
  [
    "[ ({ a = 1; } ? a) ({ a = 1; } ? b) ({ a.b = 1; } ? a.b) ({ a = 1; } ? a.b) (1 ? a) ]",
    [true, false, true, false, false],
  ],
  // Operators.
  ["[ 1 ] ++ [ 2 ] ++ [ ]", [1, 2]],
  ["{ a = 1; b.c = 1; } // { b.d = 2; } // { e = 3; }", { a: 1, b: { d: 2 }, e: 3 }],
  ["[ (1 + 2 * 3) (7 / 2) (-7 / 2) (3 - 5) ]", [7, 3, -3, -2]],
  [
    '[ (1 == 1) (1 != 1) ("a" == "b") ([ 1 2 ] == [ 1 2 ]) ({ a = 1; } == { a = 2; }) (null == false) ]',
    [true, false, false, true, false, false],
  ],
  ['[ (1 < 2) (2 <= 2) (1 > 2) ("a" < "b") ("a" >= "ab") ]', [true, true, false, true, false]],
  [
    "[ (true && false) (false || true) (!true) (false -> false) (true -> false) (false -> true -> false) ]",
    [false, true, false, true, false, true],
  ],
  ["if 1 == 1 then 2 else 3", 2],
  ["assert true; 1", 1],
  // Functions.
  ["(x: x + 1) 2", 3],
  ["(x: y: x - y) 5 3", 2],
  ["let f = { a, b ? a + 1, ... }@args: [ a b (args ? c) ]; in f { a = 1; c = 2; }", [1, 2, true]],
  ["(args@{ a }: args) { a = 1; }", { a: 1 }],
  ["(args: args.a) { a = 1; }", 1],
  ["let f = n: if n == 0 then [ ] else [ n ] ++ f (n - 1); in f 5", [5, 4, 3, 2, 1]],
  ["let x = 1; f = y: x + y; in let x = 10; in f x", 11],
  ["(x: { x }: x) 1 { x = 2; }", 2],
  [
    'let init = d: { directory = d; mode = "0700"; }; in map init [ "/a" "/b" ]',
    [
      { directory: "/a", mode: "0700" },
      { directory: "/b", mode: "0700" },
    ],
  ],
  // The library.
  ["map (x: x * 2) [ 1 2 ]", [2, 4]],
  ["builtins.map (lib.const 1) [ 1 2 ]", [1, 1]],
  ["with lib; optionals true [ 1 ] ++ optional false 2 ++ optional true 3", [1, 3]],
  ["let inherit (lib) optionals; in optionals (1 < 2) [ 1 ]", [1]],
  ["let o = lib.lists.optionals; in o false [ 1 ]", []],
  ["lib.concatLists [ [ 1 ] [ 2 3 ] ]", [1, 2, 3]],
  ["lib.concatMap (x: [ x x ]) [ 1 2 ]", [1, 1, 2, 2]],
  ["lib.flatten [ 1 [ 2 [ 3 ] ] [ ] ]", [1, 2, 3]],
  ["lib.flatten 1", [1]],
  ["lib.unique [ 1 2 1 { a = 1; } { a = 1; } ]", [1, 2, { a: 1 }]],
  ['lib.unique [ "a" "b" "a" ]', ["a", "b"]],
  ["lib.filter (x: x > 1) [ 1 2 3 ]", [2, 3]],
  ["lib.remove 1 [ 1 2 1 ]", [2]],
  ["lib.subtractLists [ 1 ] [ 1 2 ]", [2]],
  ["lib.forEach [ 1 2 ] (x: x + 1)", [2, 3]],
  ["lib.imap0 (i: x: i + x) [ 1 1 ]", [1, 2]],
  ["lib.imap1 (i: x: i + x) [ 1 1 ]", [2, 3]],
  [
    "[ (lib.head [ 1 2 ]) (lib.last [ 1 2 ]) (lib.tail [ 1 2 ]) (lib.init [ 1 2 ]) (lib.length [ 1 2 ]) ]",
    [1, 2, [2], [1], 2],
  ],
  [
    "[ (lib.take 1 [ 1 2 ]) (lib.drop 1 [ 1 2 ]) (lib.take 9 [ 1 ]) (lib.drop 9 [ 1 ]) (lib.reverseList [ 1 2 ]) ]",
    [[1], [2], [1], [], [2, 1]],
  ],
  [
    "[ (lib.elem 1 [ 1 ]) (lib.elem 2 [ 1 ]) (lib.any (x: x > 1) [ 1 2 ]) (lib.all (x: x > 1) [ 1 2 ]) ]",
    [true, false, true, false],
  ],
  [
    "[ (lib.elemAt [ 5 6 ] 1) (lib.range 1 3) (lib.range 3 1) (lib.genList (n: n * n) 3) ]",
    [6, [1, 2, 3], [], [0, 1, 4]],
  ],
  ["[ (lib.foldl' (a: x: a - x) 10 [ 1 2 ]) (lib.foldr (x: a: x - a) 10 [ 1 2 ]) ]", [7, 9]],
  ["[ (lib.singleton 1) (lib.toList 1) (lib.toList [ 1 ]) (lib.concat [ 1 ] [ 2 ]) ]", [[1], [1], [1], [1, 2]]],
  ["lib.pipe [ 1 2 ] [ (map (x: x + 1)) (lib.filter (x: x > 2)) ]", [3]],
  ["[ (lib.id 1) (lib.const 1 2) (lib.flip (a: b: a - b) 1 2) ]", [1, 1, 1]],
  ['lib.genAttrs [ "b" "a" ] (n: "${n}!")', { a: "a!", b: "b!" }],
  ['lib.mapAttrs (n: v: n + v) { a = "x"; b = "y"; }', { a: "ax", b: "by" }],
  ['lib.mapAttrsToList (n: v: n + v) { b = "x"; a = "y"; }', ["ay", "bx"]],
  [
    "[ (lib.attrNames { b = 1; a.c = 2; a.d = 3; }) (lib.attrValues { b = 1; a = 2; }) ]",
    [
      ["a", "b"],
      [2, 1],
    ],
  ],
  ['lib.listToAttrs [ (lib.nameValuePair "a" 1) { name = "a"; value = 2; } ]', { a: 1 }],
  ["lib.filterAttrs (n: v: v > 1) { a = 1; b = 2; }", { b: 2 }],
  ['[ (lib.attrByPath [ "a" "b" ] 0 { a.b = 1; }) (lib.attrByPath [ "a" "c" ] 0 { a.b = 1; }) ]', [1, 0]],
  [
    '[ (lib.hasAttrByPath [ "a" ] { a = 1; }) (lib.hasAttr "b" { a = 1; }) (lib.getAttr "a" { a = 1; }) ]',
    [true, false, 1],
  ],
  ["lib.optionalAttrs true { a = 1; } // lib.optionalAttrs false { b = 1; }", { a: 1 }],
  ["lib.recursiveUpdate { a.b = 1; a.c = 1; d = 1; } { a.c = 2; d.e = 3; }", { a: { b: 1, c: 2 }, d: { e: 3 } }],
  ['builtins.removeAttrs { a = 1; b.c = 2; } [ "a" "x" ]', { b: { c: 2 } }],
  ["builtins.intersectAttrs { a = 1; } { a = 2; b = 3; }", { a: 2 }],
  ["lib.zipAttrsWith (n: vs: vs) [ { a = 1; } { a = 2; b = 3; } ]", { a: [1, 2], b: [3] }],
  ['lib.catAttrs "a" [ { a = 1; } { b = 2; } { a = 3; } ]', [1, 3]],
  ["lib.mergeAttrsList [ { a = 1; } { a = 2; b = 3; } ]", { a: 2, b: 3 }],
  ['[ (lib.hasPrefix "/a" "/a/b") (lib.hasSuffix "b" "/a/b") (lib.hasInfix "x" "/a") ]', [true, true, false]],
  ['[ (lib.removePrefix "/a" "/a/b") (lib.removeSuffix "b" "/a/b") (lib.removePrefix "x" "y") ]', ["/b", "/a/", "y"]],
  ['[ (lib.concatStrings [ "a" "b" ]) (lib.concatStringsSep "/" [ "a" "b" ]) ]', ["ab", "a/b"]],
  ['[ (lib.concatMapStringsSep "," (x: x + "!") [ "a" "b" ]) (lib.optionalString false "a") ]', ["a!,b!", ""]],
  [
    '[ (lib.replaceStrings [ "a" "bb" ] [ "1" "2" ] "abba") (lib.splitString "/" "/a/b") (lib.toUpper "aZé") ]'.replace(
      "é",
      "",
    ),
    ["121", ["", "a", "b"], "AZ"],
  ],
  ['[ (baseNameOf "/a/b") (dirOf "/a/b") (dirOf "/a") (dirOf "a") (baseNameOf "/a/") ]', ["b", "/a", "/", ".", "a"]],
  [
    '[ (lib.stringLength "abc") (lib.substring 1 2 "abcd") (lib.substring 1 (-1) "abcd") (lib.boolToString true) ]',
    [3, "bc", "bcd", "true"],
  ],
  ['[ (lib.isString "a") (lib.isList "a") (builtins.isNull null) (lib.isFunction (x: x)) ]', [true, false, true, true]],
  // Only what is asked for is evaluated.
  ["let a = a; in 1", 1],
  ['{ a = 1; b = throw "x"; }.a', 1],
  ['(x: 1) (throw "x")', 1],
  ["let s = { a = s.b; b = 1; }; in s.a", 1],
  ['lib.length [ (throw "x") ]', 1],
];

for (const [text, expected] of known) test(text, async () => assert.deepEqual(jsonOf(await evaluated(text)), expected));

test("real Nix agrees with the table", { skip: nixAvailable ? false : "nix-instantiate is not installed" }, () => {
  const answers = askNix(known.map(([text]) => text));
  for (const [index, [text, expected]] of known.entries()) assert.deepEqual(answers[index], { value: expected }, text);
});

/** Pipes are too new for some versions of Nix, so these stand alone. */
const piped: readonly (readonly [string, unknown])[] = [
  ["[ 1 2 ] |> map (x: x + 1) |> lib.filter (x: x > 2)", [3]],
  ["lib.filter (x: x > 2) <| map (x: x + 1) <| [ 1 2 ]", [3]],
  ["[ 1 ] ++ ([ 2 ] |> map (x: x * 2))", [1, 4]],
  ["let a = [ 1 ] |> (xs: xs ++ [ 2 ]); in a", [1, 2]],
  ["false -> true |> (x: [ x ])", [true]],
];

for (const [text, expected] of piped) test(text, async () => assert.deepEqual(jsonOf(await evaluated(text)), expected));
