import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Value } from "../../../server/src/nix/value";
import type { OptionFact } from "../../../server/src/persistence/model";
import { read } from "../../support/grammar";

function shown(value: Value): string {
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.text);
    case "bool":
      return String(value.value);
    case "list":
      return `[${value.elements.map((element) => shown(element.value)).join(" ")}${value.unknown.length > 0 ? " …" : ""}]`;
    case "unknown":
      return "?";
    default:
      return "text" in value ? value.text : value.kind;
  }
}

/** `user:unit:path = value`, and what makes it doubtful. */
function line({ path, value, scope, unit, certain, priority, order }: OptionFact): string {
  const where = `${scope.kind === "user" ? `${scope.user}: ` : ""}${unit === "" ? "" : `${unit}: `}`;
  const flags = [
    ...(certain ? [] : ["doubtful"]),
    ...(priority === "normal" ? [] : [priority]),
    ...(order ?? "").split(" "),
  ];
  return `${where}${path.map((name) => name ?? "*").join(".")} = ${shown(value)} ${flags.join(" ")}`.trim();
}

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "scalars, strings and lists, dotted or nested",
    `{ a.b = true; c = { d = 5; e = "x"; f = ''y''; g = [ "a" ./b ]; h = null; }; config.i.j = "k"; }`,
    ["a.b = true", "c.d = 5", 'c.e = "x"', 'c.f = "y"', 'c.g = ["a" ./b]', "c.h = null", 'i.j = "k"'],
  ],
  [
    "names of the file",
    `let x = "/p"; in { a = "\${x}/q"; b = x; }`,
    ['let: x = "/p" doubtful', 'a = "/p/q"', 'b = "/p"'],
  ],
  [
    "priority and order",
    `{ lib, ... }: { a = lib.mkForce false; b = (lib.mkDefault (true)); c = lib.mkAfter ''s''; d = lib.mkOverride 10 true; }`,
    ["a = false force", "b = true default", 'c = "s" after', "d = true other"],
  ],
  [
    "conditions",
    `{ lib, config, ... }: { a = lib.mkIf config.x true; b = lib.mkIf config.x { c = true; }; }`,
    ["a = true doubtful", "b.c = true doubtful"],
  ],
  [
    "what is not known is noted, with all that lies in it",
    `{ x, ... }: { users.users = x.all; a = { b = true; } // x; users.users.\${x.me}.c = "d"; }`,
    ["users.users = ?", "a = ?", "a.b = true", 'users.users.*.c = "d"'],
  ],
  [
    "file systems are read whole",
    `{ x, ... }: { fileSystems."/" = { fsType = "tmpfs"; options = [ "size=2G" x ]; }; fileSystems."/nix".device = "d"; fileSystems."/a" = x // { b = true; }; }`,
    [
      'fileSystems./.fsType = "tmpfs"',
      'fileSystems./.options = ["size=2G" ?]',
      'fileSystems./nix.device = "d"',
      "fileSystems./a.b = true",
      "fileSystems./a = ?",
    ],
  ],
  [
    "Home Manager users",
    `{ home-manager.users.josh.a.b = true; config.home-manager.users.ann = { pkgs, ... }: { c = "d"; }; home-manager.useGlobalPkgs = true; }`,
    ["josh: a.b = true", 'ann: c = "d"', "home-manager.useGlobalPkgs = true"],
  ],
  ["modules in lists are other units", "{ a = f [ { b = true; } ]; }", ["a = ?", "a.@8.@10: b = true doubtful"]],
  [
    "sets whose parts are all written out",
    "{ lib, x, ... }: { a = lib.mkMerge [ { b = true; } (lib.mkIf x { c = 1; }) ]; d = { e = 2; } // { f = 3; }; }",
    ["a.b = true", "a.c = 1 doubtful", "d.e = 2", "d.f = 3"],
  ],
  [
    "declarations and persistence blocks are left out",
    `{ options.a = true; environment.persistence."/p" = { enable = false; }; }`,
    [],
  ],
];

describe("options a file sets", () => {
  for (const [title, text, expected] of cases) {
    test(title, async () => {
      const { options, optionsWhole } = await read(text);
      assert.deepEqual(options.map(line), expected);
      assert.ok(optionsWhole);
    });
  }

  test("more options than any file sets are not kept, and that is told", async () => {
    const { options, optionsWhole } = await read(`{ ${"a.b = true; ".repeat(30_000)} }`);
    assert.equal(options.length, 20_000);
    assert.ok(!optionsWhole);
  });

  test("nested lists and calls cost no more than their text", async () => {
    const nested = `{ a = ${"f [ { b = ".repeat(3000)}1${"; } ]".repeat(3000)}; }`;
    const started = performance.now();
    await read(nested);
    const once = performance.now() - started;
    assert.ok(once < 5_000, `${once} ms`);
  });
});
