import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tree } from "web-tree-sitter";
import { rules } from "../../../server/src/rules";
import { SyntaxDocument } from "../../../server/src/syntax/document";
import type { Grammar } from "../../../server/src/syntax/grammar";
import { mask } from "../../../server/src/syntax/mask";
import { Node } from "../../../server/src/syntax/node";
import { grammar, grammarWith } from "../../support/grammar";
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

test("after an edit nodes that stay are what a whole parse gives, however much was asked of them before", async () => {
  const shared = await grammar();
  const next = random(11);
  const parts = [
    ...pieces,
    "a.b = [ x ];",
    'c = "d"; # e\n',
    "{ f = 1; }",
    "/* g */",
    "inherit (h) i;",
    "x: ",
    "let j = 1; in ",
    "l = m ++ n;",
    "k",
  ];
  let text = sample.repeat(3);
  let tree: Tree | null = null;
  const spied: Grammar = {
    parse: (masked, previous) => {
      tree = shared.parse(masked, previous);
      return tree;
    },
  };
  const document = new SyntaxDocument(spied, text);
  let kept = 0;
  for (let round = 0; round < 600; round++) {
    const before = new Set(below(document.root, () => next(5) > 0));
    const at = next(text.length + 1);
    const removed = next(2) === 0 ? next(20) : 0;
    text = text.slice(0, at) + (next(4) === 0 ? "" : (parts[next(parts.length)] ?? "")) + text.slice(at + removed);
    if (text.length < 200 || (next(6) === 0 && document.root?.hasError === true)) text = sample.repeat(3);
    document.update(text);
    // The trees of texts that do not parse depend on what was there before: the tree is the same one here.
    const whole: Node | null = tree === null ? null : new Node((tree as Tree).rootNode);
    const nodes = below(document.root, () => true);
    assert.deepEqual(nodes.map(described), below(whole, () => true).map(described), text);
    kept += nodes.filter((node) => before.has(node)).length;
  }
  assert.ok(kept > 5_000, `${kept} nodes were kept`);
  document.dispose();
});

/** The nodes in a tree, as far as `isWanted` goes into them. */
function below(root: Node | null, isWanted: () => boolean): Node[] {
  const found: Node[] = [];
  const pending = root === null ? [] : [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    found.push(node);
    if (isWanted()) for (const child of node.namedChildren) pending.push(child);
  }
  return found;
}

const fields = [
  "expression",
  "attrpath",
  "body",
  "function",
  "argument",
  "left",
  "right",
  "formals",
  "universal",
  "attrs",
  "default",
  "operator",
];

function described(node: Node) {
  const at = (one: Node | null) => (one === null ? null : [one.type, one.startIndex, one.endIndex]);
  const { isError, isMissing, hasError } = node;
  return [
    at(node),
    isError,
    isMissing,
    hasError,
    node.children.map(at),
    fields.map((name) => at(node.childForFieldName(name))),
  ];
}

test("the named parts of a node are those the parser names", async () => {
  const shared = await grammar();
  const texts = [sample, everyKind, ...rules.flatMap(({ examples }) => examples.map(({ text }) => text))];
  let asked = 0;
  for (const text of texts) {
    const tree = shared.parse(mask(text), null);
    if (tree === null) continue;
    assert.ok(text !== everyKind || !tree.rootNode.hasError);
    const pending = [{ node: new Node(tree.rootNode), parsed: tree.rootNode }];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const { node, parsed } = at;
      for (const name of tree.language.fields) {
        if (name === null || name === "operator") continue;
        const own = node.childForFieldName(name);
        const other = parsed.childForFieldName(name);
        assert.deepEqual(
          [own?.type, own?.startIndex, own?.endIndex],
          [other?.type, other?.startIndex, other?.endIndex],
          text,
        );
        asked++;
      }
      for (const [index, child] of node.namedChildren.entries()) {
        const inner = parsed.namedChild(index);
        if (inner !== null) pending.push({ node: child, parsed: inner });
      }
    }
    tree.delete();
  }
  assert.ok(asked > 10_000, `${asked} fields`);
});

/** Every kind of expression, with comments in the places they may stand. */
const everyKind = `
{ a, b ? /* c */ 1, # d
  ... }@all: # e
{ f, g }: h@{ i, ... }: j:
assert /* k */ a != b; # l
with /* m */ lib; # n
let /* o */ inherit (x) y "z"; inherit p; q.r."s".\${t} /* u */ = # v
  1; in # w
if a /* x */ then # y
  b else /* z */ (c /* d */)
++ [ 1 2.5 "a\${b}c" ''d\${e}f'' ./g ~/h <i> https://j.k (- l) (! m) ]
// rec { n = o.p or q; r = s ? t.u; v = w x y; z = let { body = 1; }; } // { } // { # empty
}
`;

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

test("what the parser may take is work: it goes on with a sound text however long the machine stands still", async () => {
  const text = `[ ${"{ a = 1; } ".repeat(2000)}]`;
  let [passed, worked] = [0, 0];
  let work = 0;
  const limited = await grammarWith({
    passed: () => {
      passed += 60_000;
      worked += work;
      return passed;
    },
    worked: () => worked,
  });
  const parsed = () => {
    const tree = limited.parse(mask(text), null);
    tree?.delete();
    return tree !== null;
  };
  assert.ok(parsed());
  assert.ok(passed > 10 * 60_000, "the clocks were hardly asked");
  work = 5_000;
  assert.equal(parsed(), false);
  work = 0;
  assert.ok(parsed());
});
