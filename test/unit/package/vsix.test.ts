import assert from "node:assert/strict";
import { before, test } from "node:test";
import { packaged } from "./vsix";

let size: number;
let files: Map<string, Buffer>;
before(() => {
  ({ size, files } = packaged());
});

const text = (name: string): string => {
  const content = files.get(`extension/${name}`);
  assert.ok(content, name);
  return content.toString("utf8");
};

test("the package holds these files and no others", () => {
  assert.deepEqual([...files.keys()].sort(), [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/changelog.md",
    "extension/client/images/icon.png",
    "extension/client/images/walkthrough-host.svg",
    "extension/client/images/walkthrough-open.svg",
    "extension/client/images/walkthrough-persist.svg",
    "extension/dist/cli.js",
    "extension/dist/client.js",
    "extension/dist/licenses.txt",
    "extension/dist/nix.tmLanguage.json",
    "extension/dist/protocol.js",
    "extension/dist/server.js",
    "extension/dist/shared.js",
    "extension/dist/tree-sitter-nix.wasm",
    "extension/dist/web-tree-sitter.wasm",
    "extension/package.json",
    "extension/readme.md",
    "extension/syntaxes/language-configuration.json",
    "extension/syntaxes/persistence.injection.json",
  ]);
});

test("the package is small", () => {
  assert.ok(size < 700_000, `${size} bytes`);
  assert.ok((files.get("extension/client/images/icon.png")?.length ?? 0) < 15_000);
});

test("every file the manifest names is in it", () => {
  const manifest = text("package.json");
  const named = [...manifest.matchAll(/"(?:\.\/)?((?:dist|client|syntaxes)\/[^"]+)"/g)].map(([, name]) => name ?? "");
  assert.ok(named.length >= 8, named.join(" "));
  for (const name of named) assert.ok(files.has(`extension/${name}`), name);
});

test("nothing of the machine it was built on is in it", () => {
  for (const [name, content] of files) {
    assert.ok(!content.includes(process.cwd()), name);
    assert.ok(!content.includes("sourceMappingURL=data"), name);
  }
});

test("the icon is a square PNG that shops accept", () => {
  const icon = files.get("extension/client/images/icon.png");
  assert.ok(icon);
  assert.equal(icon.toString("latin1", 1, 4), "PNG");
  const [width, height] = [icon.readUInt32BE(16), icon.readUInt32BE(20)];
  assert.equal(width, height);
  assert.ok(width >= 128, `${width} pixels`);
});
