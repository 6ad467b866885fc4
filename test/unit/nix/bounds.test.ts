import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../../server/src/nix/value";
import { read } from "../../support/grammar";
import { evaluated, jsonOf } from "./support";

function reasonsOf(value: Value): string[] {
  if (value.kind === "unknown") return [value.reason];
  if (value.kind === "list")
    return [...value.unknown.map(({ reason }) => reason), ...value.elements.flatMap((one) => reasonsOf(one.value))];
  if (value.kind === "attrs")
    return [...value.unknown.map(({ reason }) => reason), ...value.bindings.flatMap((one) => reasonsOf(one.value))];
  return [];
}

/** Expressions that are not known, and why. */
const unknowns: readonly (readonly [string, string])[] = [
  ["cfg", "`cfg` is not resolved"],
  ["cfg.a.b", "`cfg.a.b` is not resolved"],
  ["let c = config.x; in c.y", "`c.y` is not resolved"],
  ['"a/${b}"', "`${b}` is not resolved"],
  ["import ./x.nix", "`./x.nix` is another file"],
  ["(import ./x.nix { }).a", "`./x.nix` is another file"],
  ["let s = import ./x.nix; in s.dirs", "`./x.nix` is another file"],
  ["f [ 1 ]", "`f [ 1 ]` is not resolved"],
  ["map f", ""],
  ["1 + true", "`1 + true` is not resolved"],
  ['"a" + 1', '`"a" + 1` is not resolved'],
  ['"${1}"', "`${1}` is not resolved"],
  ['"${/a}"', "`${/a}` is not resolved"],
  ["toString ./a", "`toString ./a` is not resolved"],
  ["if c then 1 else 2", "it depends on a condition"],
  ["{ a = 1; }.b", "`{ a = 1; }.b` is not there"],
  ["({ a }: a) { b = 1; }", "`({ a }: a) { b = 1; }` is not resolved"],
  ["({ a }: a) { a = 1; b = 1; }", "`({ a }: a) { a = 1; b = 1; }` is not resolved"],
  ["(cfg // { a = 1; }).b", "`(cfg // { a = 1; }).b` is not resolved"],
  ["({ a = 1; } // cfg).a", "`({ a = 1; } // cfg).a` is not resolved"],
  ["with cfg; a", "`a` is not resolved"],
  ["with cfg; with { b = 1; }; a", "`a` is not resolved"],
  ["assert false; 1", "`false` does not hold"],
  ["lib.head [ ]", "`lib.head [ ]` is not resolved"],
  ["lib.head ([ 1 ] ++ cfg)", "`lib.head ([ 1 ] ++ cfg)` is not resolved"],
  ["lib.length (lib.optional c 1)", "`lib.length (lib.optional c 1)` is not resolved"],
  ["let a = a; in a", "it refers to itself"],
  ["let a = b; b = c; c = a; in a", "it refers to itself"],
  ["rec { a = a; }.a", "`rec { a = a; }.a` is not resolved"],
  ["let a = a ++ [ 1 ]; in a", "it refers to itself"],
  ["with s; let s = { a = b; b = a; }; in s.a", "`s.a` is not resolved"],
];

for (const [text, reason] of unknowns) {
  test(`not known: ${text}`, async () => {
    const value = await evaluated(text);
    assert.equal(jsonOf(value), undefined);
    assert.deepEqual(reasonsOf(value), reason === "" ? [] : [reason]);
  });
}

/** What is known beside what is not, one word an element: `text`, `text?` under a condition, `-` for an unknown element, `+` for an unknown part. */
const partly: readonly (readonly [string, string])[] = [
  ['[ "a" x "b" ]', "a - b"],
  ['[ "a" ] ++ x ++ [ "b" ]', "a b +"],
  ['lib.optionals c [ "a" ] ++ lib.optional d "b"', "a? b?"],
  ['lib.optionals (c || true) [ "a" ] ++ lib.optionals (c && false) [ "b" ]', "a"],
  ['if c then [ "a" ] else [ "b" ]', "a? b?"],
  ['[ (lib.mkIf c "a") (lib.mkIf true "b") (lib.mkIf false "c") ]', "a? b"],
  ['lib.mkMerge [ [ "a" ] (lib.mkIf c [ "b" ]) (lib.mkIf false [ "c" ]) x ]', "a b? +"],
  ['lib.mkIf false [ "a" ]', ""],
  ['lib.mkForce (lib.mkBefore [ "a" ])', "a"],
  ['lib.unique [ "a" "a" ]', "a"],
  ['lib.unique ([ "a" "a" ] ++ x)', "a? a? +"],
  ['lib.unique [ "a" x ]', "a? -?"],
  ['lib.filter (v: v != "a" && c) [ "a" "b" ]', "b?"],
  ['lib.filter f [ "a" ]', "a?"],
  ['map (v: "${v}!") ([ "a" x ] ++ y)', "a! - +"],
  ['lib.concatMap (v: [ v ] ++ lib.optional c "${v}?") [ "a" ]', "a a??"],
  ['lib.flatten [ "a" [ "b" x ] (lib.optional c "d") ]', "a b d? +"],
  ['with cfg; [ "a" b ]', "a -"],
  ["lib.attrNames ({ a = 1; } // cfg)", "a? +"],
  ['lib.attrValues { b = "x"; a = y; }', "- x"],
];

for (const [text, expected] of partly) {
  test(`partly known: ${text}`, async () => {
    const value = await evaluated(text);
    assert.equal(value.kind, "list");
    const words = value.elements.map((element) => {
      const word = element.value.kind === "string" ? element.value.text : "-";
      return element.conditional ? `${word}?` : word;
    });
    assert.equal([...words, ...value.unknown.map(() => "+")].join(" "), expected);
  });
}

/** Texts made to be endless, deep or huge. */
const hostile: readonly (readonly [string, string])[] = [
  ["a function that calls itself", "let f = x: f x; in f 1"],
  ["a function that calls itself twice", "let f = x: f x ++ f x; in f 1"],
  ["the Y combinator", "let y = f: (x: f (x x)) (x: f (x x)); in y (g: n: g (n + 1)) 0"],
  ["a function of itself", "(x: x x) (x: x x)"],
  ["a list that doubles", `let a0 = [ 1 2 ]; ${bindings(60, (n) => `a${n} = a${n - 1} ++ a${n - 1};`)} in a60`],
  ["a string that doubles", `let a0 = "ab"; ${bindings(60, (n) => `a${n} = a${n - 1} + a${n - 1};`)} in a60`],
  ["a string of strings", `let a0 = "ab"; ${bindings(60, (n) => `a${n} = "\${a${n - 1}}\${a${n - 1}}";`)} in a60`],
  [
    "a tree of shared sets",
    `let a0 = { }; ${bindings(60, (n) => `a${n} = { l = a${n - 1}; r = a${n - 1}; };`)} in a60`,
  ],
  [
    "equal trees of shared sets",
    `let a0 = { }; ${bindings(60, (n) => `a${n} = { l = a${n - 1}; r = a${n - 1}; };`)} in a60 == a60`,
  ],
  ["a long chain of names", `let a0 = [ ]; ${bindings(5000, (n) => `a${n} = a${n - 1};`)} in a5000`],
  ["a big range", "lib.range 1 9007199254740991"],
  ["a big list of lists", "lib.concatMap (x: lib.range 1 1000) (lib.range 1 1000)"],
  ["folds in folds", "lib.foldl' (a: x: lib.foldl' (b: y: b + 1) a (lib.range 1 9999)) 0 (lib.range 1 9999)"],
  ["a set in itself", "let s = { inherit s; }; in s"],
  ["a list in itself", "let l = [ l l ]; in l"],
  ["a deep list", `${"[".repeat(3000)}${"]".repeat(3000)}`],
  ["deep parentheses", `${"(".repeat(3000)}1${")".repeat(3000)}`],
  ["deep functions", `(${"x: ".repeat(3000)}1) 1`],
  ["deep calls", `let f = x: [ x ]; in ${"f (".repeat(2000)}1${")".repeat(2000)}`],
  ["many arguments", `f ${"1 ".repeat(20_000)}`],
  ["many plus signs", `1 ${"+ 1 ".repeat(3000)}`],
  ["many `++`", `[ ] ${"++ [ ] ".repeat(3000)}`],
  ["many updates", `{ } ${"// { } ".repeat(3000)}`],
  ["many pipes", `[ ] ${"|> map (x: x) ".repeat(2000)}`],
  ["replacing by much", `lib.replaceStrings [ "a" ] [ "${"a".repeat(5000)}" ] "${"a".repeat(5000)}"`],
  ["a fixed point", "let fix = f: let x = f x; in x; in fix (self: { a = self.b; b = self.a; })"],
  [
    "names that are no names",
    "let __proto__ = 1; constructor = 2; in { inherit __proto__ constructor; x = toString; }",
  ],
];

function bindings(count: number, of: (n: number) => string): string {
  return Array.from({ length: count }, (_, index) => of(index + 1)).join(" ");
}

for (const [title, text] of hostile) {
  test(`ends soon: ${title}`, async () => {
    const started = performance.now();
    const file = await read(`{ lib, ... }: { environment.persistence."/p".directories = ${text}; }`);
    assert.equal(file.blocks.length, 1);
    assert.ok(performance.now() - started < 3000, `${Math.round(performance.now() - started)} ms`);
  });
}

test("the effort is shared by all expressions of a file, and what is written out needs none", async () => {
  const bomb = `environment.persistence."/p".directories = lib.concatMap (x: lib.range 1 1000) (lib.range 1 1000);`;
  const plain = `environment.persistence."/q".directories = [ "/a" ];`;
  const file = await read(`{ lib, ... }: { ${bomb.repeat(50)} ${plain} }`);
  assert.deepEqual(
    file.blocks.at(-1)?.lists[0]?.entries.map(({ path }) => path),
    ["/a"],
  );
  assert.ok(file.blocks.slice(0, -1).every((block) => block.lists[0]?.unknown.length !== 0));
});
