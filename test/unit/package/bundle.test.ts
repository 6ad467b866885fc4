import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { rules } from "../../../server/src/rules";
import { liveRules } from "../../../server/src/rules/live";
import { packaged, root } from "./vsix";

let files: Map<string, Buffer>;
before(() => {
  ({ files } = packaged());
});

const bundle = (name: string): string => {
  const content = files.get(`extension/dist/${name}.js`);
  assert.ok(content, name);
  return content.toString("utf8");
};
const loads = (name: string) =>
  [...bundle(name).matchAll(/require\("\.\/(\w+)\.js"\)/g)].map(([, other]) => other).sort();

test("the client loads what it has in common with the server, and nothing else of it", () => {
  assert.deepEqual(loads("client"), ["protocol"]);
  assert.deepEqual(loads("protocol"), []);
  assert.deepEqual(loads("shared"), ["protocol"]);
  assert.deepEqual(loads("cli"), ["protocol", "shared"]);
});

test("the documentation of rules is in the package, for it is shown; their examples are not", () => {
  const shared = bundle("shared");
  for (const { id, doc, examples } of [...rules, ...liveRules]) {
    const [words = ""] = [...doc.matchAll(/[\w ,]+/g)].map(([run]) => run).sort((a, b) => b.length - a.length);
    assert.ok(words.length > 20 && shared.includes(words), `${id}: ${words}`);
    assert.ok(examples.length > 0, id);
  }
  assert.equal(shared.split("examples:[]").length, rules.length + liveRules.length + 1);
  assert.equal(/examples:\[[^\]]/.test(shared), false);
});

test("of ssh2, only what the package has is used", () => {
  const folder = path.join(root, "server/src");
  const used = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const text = readFileSync(path.join(folder, name), "utf8");
    if (!text.includes('from "ssh2"')) continue;
    for (const [, names = ""] of text.matchAll(/import \{([^}]*)\} from "ssh2"/g))
      for (const one of names.split(",").map((part) => part.trim())) if (/^(?!type )\w/.test(one)) used.add(one);
    for (const [call] of text.matchAll(/\.sftp\(|\butils\.\w+/g)) used.add(call);
  }
  assert.deepEqual([...used].sort(), ["BaseAgent", "Client", "OpenSSHAgent", "utils", "utils.parseKey"]);
});
