import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { schemas } from "../../../server/src/persistence/schema";
import { chosen, labels, storage, suggest } from "./support";

describe("names of options", () => {
  for (const [title, text, has, hasNot] of [
    [
      "of a storage",
      storage("    |"),
      ["directories", "files", "users", "hideMounts"],
      ["allowOther", "defaultPerms", "mode"],
    ],
    ["half-typed, in front of another binding", storage("    dir|\n    files = [ ];"), ["directories"], ["files"]],
    [
      "behind a value without its semicolon",
      storage("    hideMounts = true\n    dir|"),
      ["directories"],
      ["hideMounts"],
    ],
    ["with dots", '{ environment.persistence."/p".|', ["directories"], []],
    ["of a user", storage("    users.josh = { | };"), ["directories", "files"], ["users", "home", "hideMounts"]],
    ["of a user, with dots", storage("    directories = [ ];\n    users.josh.|"), ["directories", "files"], ["users"]],
    [
      "of a directory",
      storage('    directories = [ { directory = "/a"; | } ];'),
      ["mode", "user", "hideMount"],
      ["directory", "method", "file"],
    ],
    ["of a file", storage("    files = [ { | } ];"), ["file", "method", "parentDirectory"], ["directory", "mode"]],
    [
      "of a folder",
      storage('    files = [ { parentDirectory = { mode = "0700"; | }; } ];'),
      ["user", "group"],
      ["mode", "file"],
    ],
    ["of a folder, with dots", storage("    files = [ { parentDirectory.| } ];"), ["user", "group", "mode"], ["file"]],
    ["under a condition", storage("    directories = [ ];\n  } // lib.mkIf x {\n    |"), ["files"], ["users.users"]],
    ["in a merge", '{ environment.persistence."/p" = lib.mkMerge [ { | } ]; }', ["directories"], []],
    [
      "of preservation",
      '{ preservation.preserveAt."/p" = { | }; }',
      ["directories", "commonMountOptions"],
      ["hideMounts"],
    ],
    [
      "of a directory of preservation",
      '{ preservation.preserveAt."/p".directories = [ { | } ]; }',
      ["how", "inInitrd", "parent"],
      ["hideMount"],
    ],
    ["of Home Manager", '{ home.persistence."/p" = { | }; }', ["directories"], ["users"]],
  ] as const)
    test(title, async () => {
      const all = await labels(text);
      for (const name of has) assert.ok(all.includes(name), `${name} is missing: ${all}`);
      for (const name of hasNot) assert.ok(!all.includes(name), `${name} must not be there`);
    });

  test("with a value to fill in, unless there is one", async () => {
    const item = async (text: string, label: string) => (await suggest(text))?.items.find((one) => one.label === label);
    assert.equal((await item(storage("    hid|"), "hideMounts"))?.snippet, "hideMounts = ${1|true,false|};");
    assert.equal((await item(storage("    hid| = true;"), "hideMounts"))?.snippet, null);
    assert.equal(
      (await item(storage("    files = [ { met| } ];"), "method"))?.snippet,
      'method = "${1|auto,symlink|}";',
    );
    assert.equal(await chosen(storage("    hid|eMo = true;"), "hideMounts"), storage("    hideMounts = true;"));
  });
  test("none among arguments, behind `let`, in an `inherit`, or in other sets", async () => {
    for (const text of [
      '{ | }: { environment.persistence."/p" = { }; }',
      '{ environment.persistence."/p" = let | in { }; }',
      '{ environment.persistence."/p" = { inherit | ; }; }',
      "{ services.x = { | }; }",
    ])
      assert.deepEqual(await labels(text), [], text);
  });
});

describe("values", () => {
  for (const [title, text, expected] of [
    ["of a switch", storage("    hideMounts = |;"), ["true", "false"]],
    ["of a method", storage("    files = [ { method = |; } ];"), ["auto", "symlink"]],
    ["of a method, in quotes", storage('    files = [ { method = "s|"; } ];'), ["auto", "symlink"]],
    ["of `how`", '{ preservation.preserveAt."/p".files = [ { how = | } ]; }', ["bindmount", "symlink"]],
    ["of an owner", storage('    directories = [ { user = "|"; } ];'), ["josh"]],
  ] as const)
    test(title, async () => assert.deepEqual(await labels(text), expected));

  test("every option of the schema with a few values offers them all", async () => {
    for (const { option, directory, file } of schemas)
      for (const [list, specs] of [
        ["directories", directory],
        ["files", file],
      ] as const)
        for (const { name, type, removed } of specs) {
          if (typeof type === "string" || removed !== undefined) continue;
          assert.deepEqual(await labels(`{ ${option.join(".")}."/p".${list} = [ { ${name} = "|"; } ]; }`), type);
        }
  });
  test("modes are strings, in quotes where there are none", async () => {
    const body = (mode: string) => storage(`    directories = [ { directory = "/a"; mode = ${mode}; } ];`);
    assert.equal(await chosen(body("|"), "0700"), body('"0700"'));
    assert.equal(await chosen(body('"07|"'), "0700"), body('"0700"'));
    assert.equal(await chosen(body("07|"), "0700"), body('"0700"'));
  });
});

describe("users", () => {
  test("those that the host's files, its blocks and its scan know", async () => {
    const others = {
      "/host/u.nix": '{ users.users.ann.isNormalUser = true; environment.persistence."/q".users.bob.files = [ ]; }',
    };
    const homes = new Map([
      ["eve", "/home/eve"],
      ["postgres", "/var/lib/postgresql"],
    ]);
    assert.deepEqual(await labels(storage("    users.|"), { others, homes }), ["ann", "bob", "eve", "josh"]);
    assert.deepEqual(await labels(storage("    users = { josh = { }; | };"), { others }), ["ann", "bob"]);
  });
});

describe("rules in comments", () => {
  test("those not named yet", async () => {
    const all = await labels("{\n  # tidemark-ignore duplicate-path, |\n}");
    assert.ok(all.includes("covered-by-parent") && !all.includes("duplicate-path"));
    assert.equal(
      await chosen("{ } # tidemark-ignore dup|li", "duplicate-path"),
      "{ } # tidemark-ignore duplicate-path",
    );
    assert.deepEqual(await labels("{ } # tidemark is |"), []);
  });
});
