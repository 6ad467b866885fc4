import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "../../support/grammar";

/** `«…»` marks the body; a text without marks has none. */
const texts: readonly string[] = [
  "«{ a = 1; }»",
  "# comment\n«{ }»",
  "{ lib, ... }: «{ a = 1; }»",
  "{ lib, ... }@args: (with lib; let x = 1; in assert true; «{ a = x; }»)",
  "{ primaryUser }: { ... }: «rec { a = 1; }»",
  "{ imports = [ ]; options.x = 1; config = «{ a = 1; }»; }",
  "{ config = let x = 1; in (with x; «{ }»); }",
  "{ lib, ... }: { config = lib.mkIf true { a = 1; }; }",
  "{ config.a = 1; }",
  "{ options.x = 1; }",
  "{ inputs = { }; outputs = { ... }: { }; }",
  "{ flake.modules.nixos.x = { }; }",
  "{ perSystem = { }; }",
  '{ home.username = "josh"; }',
  "{ lib, ... }: lib.mkMerge [ { } ]",
  "[ ]",
  "",
  "{ a ? { } }: a",
];

for (const marked of texts) {
  test(`module body of ${JSON.stringify(marked)}`, async () => {
    const { moduleBody } = await read(marked.replace(/[«»]/g, ""));
    const start = marked.indexOf("«");
    assert.deepEqual(moduleBody, start === -1 ? null : { start, end: marked.indexOf("»") - 1 });
  });
}
