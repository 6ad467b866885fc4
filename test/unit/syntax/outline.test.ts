import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { SyntaxDocument } from "../../../server/src/syntax/document";
import type { Node } from "../../../server/src/syntax/node";
import { type Outline, outlineOf } from "../../../server/src/syntax/outline";
import { grammar } from "../../support/grammar";
import { randomness } from "../nix/random";

/** The outline as the parser's tree has it; null where the text does not parse. */
async function parsedShape(text: string): Promise<string | null> {
  const document = new SyntaxDocument(await grammar(), text);
  const expression = document.root?.childForFieldName("expression") ?? null;
  const shape = document.root?.hasError === false && expression !== null ? shapeOfNode(expression) : null;
  document.dispose();
  return shape;
}

function partsOf(node: Node): readonly Node[] {
  return node.namedChildren
    .filter(({ type }) => type !== "comment")
    .flatMap((part) => (part.type === "binding_set" ? partsOf(part) : [part]));
}

const kinds: Readonly<Record<string, string>> = {
  attrset_expression: "set",
  binding: "binding",
  inherit: "inherit",
  inherit_from: "inherit_from",
  attrpath: "names",
  inherited_attrs: "names",
  identifier: "name",
  variable_expression: "name",
  let_expression: "let",
  with_expression: "with",
  function_expression: "function",
  apply_expression: "apply",
  select_expression: "select",
  parenthesized_expression: "parentheses",
  list_expression: "list",
  path_expression: "path",
  string_expression: "string",
};

function shapeOfNode(node: Node): string {
  const parts = partsOf(node);
  const isComputed = parts.some(({ type }) => type !== "path_fragment" && type !== "string_fragment");
  const kind = kinds[node.type] ?? "rest";
  if ((kind === "path" || kind === "string") && isComputed) return "rest";
  if (kind === "rest" || (kind === "select" && parts.length > 2)) return "rest";
  const inside = ["path", "string", "name"].includes(kind)
    ? []
    : kind === "function"
      ? [...formalsOf(node), node.childForFieldName("body")].flatMap((part) => part ?? [])
      : parts;
  return shape(kind, node.startIndex, node.endIndex, inside.map(shapeOfNode));
}

function formalsOf(node: Node): readonly (Node | null)[] {
  const formals = node.childForFieldName("formals")?.namedChildren ?? [];
  return formals.flatMap((formal) => (formal.type === "formal" ? [formal.childForFieldName("name")] : []));
}

function shapeOfOutline({ kind, start, end, parts }: Outline, text: string): string {
  if (kind === "rest") return "rest";
  let at = start;
  const dotted = text
    .slice(start, end)
    .split(".")
    .map((name) => {
      const one = shape("name", at, at + name.length, []);
      at += name.length + 1;
      return one;
    });
  const isDotted = kind === "names" && parts.length === 0;
  return shape(kind, start, end, isDotted ? dotted : parts.map((part) => shapeOfOutline(part, text)));
}

function shape(kind: string, start: number, end: number, parts: readonly string[]): string {
  return `${kind} ${start}-${end}(${parts.join(", ")})`;
}

async function agrees(text: string, what: string): Promise<boolean> {
  const outline = outlineOf(text);
  if (outline !== null) assert.equal(shapeOfOutline(outline, text), await parsedShape(text), what);
  return outline !== null;
}

const understood = [
  '{ config, lib, pkgs ? null, ... }@args: let cfg = config.my.x; in { options.my.x = lib.mkEnableOption "x"; }',
  "args@{ a, b, }: with lib; { inherit (a) b c; inherit d; e.f = mkIf b { g = [ ./x ../y/z.nix (import ./w { }) ]; }; }",
  "x: y: if x ? a.b && !y then x.a or { } else -1 + 2 * 3 / 4 ++ [ ] // { } -> true || false",
  "# a comment\n{ /* another */ }",
  "''\n  ''${a} ${b {c = ''d'';}} ''' $${e} ''\\n '$'\n''",
  '"a \\" \\${b} ${c "d"} $${e} $"',
  'assert a == b; rec { a = <nixpkgs/lib>; b = ~/x; c = ./a/${b}/c; "d e" = 1.5; ${f} = a.${g}."h"; }',
  "{ a = [ x.y.z ./a.nix a/b -1.2/x ]; }",
];
for (const text of understood)
  test(`is outlined as it is parsed: ${JSON.stringify(text)}`, async () => {
    assert.equal(await agrees(text, text), true);
  });

const left = [
  "",
  "{ a = 1 }",
  "{ a = ; }",
  "x:y",
  "https://example.org/x",
  "a |> b",
  '"${a"',
  "''a",
  "/* a",
  "{ } # \0",
  "with/x a; b",
  "let { body = 1; }",
  "./a//b",
  "[ -1 ]",
  "(".repeat(5000) + ")".repeat(5000),
  `[${"[ ".repeat(5000)}`,
  `a${".a".repeat(5000)}.`,
];
for (const text of left)
  test(`is left to the parser: ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.equal(outlineOf(text), null);
  });

test("a part of a text is outlined by itself", () => {
  const text = "[ (x: { a = x; }) 2 ]";
  const outline = outlineOf(text, 3, 16);
  assert.equal(outline?.kind, "function");
  assert.deepEqual([outline?.start, outline?.end], [3, 16]);
  assert.equal(outlineOf(text, 3, 18), null);
});

const fixtures = path.join(import.meta.dirname, "..", "..", "fixtures");
const files = readdirSync(fixtures, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".nix"));

test("real files are outlined as they are parsed", async () => {
  let known = 0;
  for (const name of files) if (await agrees(readFileSync(path.join(fixtures, name), "utf8"), name)) known++;
  assert.ok(known > files.length * 0.97, `only ${known} of ${files.length}`);
});

const bits =
  `' '' " \${ } { ( ) [ ] ; : , . / // a/b ./x - + ++ ? @ $ \\ # /* */ or rec let in with if then else inherit assert x:y <a> ~/x 1 1.5
  .5 007 ! == < -> |> ... = $$ ''$ ''\\ _ é %`.split(/\s+/);

test("what an outline is given of, after a few letters were changed, parses, and as it says", async () => {
  const random = randomness(20_261_130);
  for (const name of files) {
    const text = readFileSync(path.join(fixtures, name), "utf8").slice(0, 3000);
    for (let round = 0; round < 12; round++) {
      const at = random(text.length + 1);
      const changed = `${text.slice(0, at)}${[" ", "", bits[random(bits.length)]][random(3)]}${text.slice(at + random(4))}`;
      await agrees(
        changed,
        `${name}, changed at ${at}: ${JSON.stringify(changed.slice(Math.max(0, at - 40), at + 40))}`,
      );
    }
  }
});

test("outlines take time linear in the text", () => {
  const half = (length: number) => {
    const started = process.hrtime.bigint();
    for (const part of ["a.", "a.b ", "{ a = ", "/* */ ", "a/ ", '"${', "x: ", "{ a, "]) outlineOf(part.repeat(length));
    return Number(process.hrtime.bigint() - started);
  };
  half(20_000);
  const small = Math.min(half(20_000), half(20_000));
  const large = half(160_000);
  // Quadratic would be 64 times; the bound leaves room for a busy machine.
  assert.ok(large < small * 40 + 50e6, `8 times the text took ${(large / small).toFixed(1)} times as long`);
});
