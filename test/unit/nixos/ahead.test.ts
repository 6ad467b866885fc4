import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ahead, aheadOfFile, type Names, Told } from "../../../server/src/nixos/ahead";

/** The names as `a.b a.c`, with `?` where it is not known what is below and `!` for a switch that is off. */
function shown(names: Names | null): string | null {
  if (names === null) return null;
  const paths = (at: Names): string[] =>
    [...at].flatMap(([name, below]) => {
      if (below === null) return [`${name}?`];
      if (below instanceof Told) return [`${name}!`];
      return below.size === 0 ? [name] : paths(below).map((path) => `${name}.${path}`);
    });
  return paths(names).join(" ");
}

function said(text: string) {
  const ahead = aheadOfFile({ file: "/x.nix", text });
  if (ahead === null) return null;
  const imports = (one: Ahead) =>
    one.imports.map(({ start, end, ofNixpkgs }) =>
      ofNixpkgs === null ? text.slice(start, end) : `nixpkgs${ofNixpkgs}`,
    );
  const { config, options, switchedBy, usesLibrary } = ahead;
  return [shown(config), shown(options), imports(ahead).join(" "), switchedBy?.join(".") ?? null, usesLibrary];
}

const cases: readonly (readonly [string, string, ReturnType<typeof said>])[] = [
  [
    "options that are set",
    "{ ... }: { a.b = 1; c = { d = 2; inherit e; }; }",
    ["a.b? c.d? c.e?", null, "", null, false],
  ],
  [
    "paths that are imported",
    '{ modulesPath, ... }: { imports = [ ./a.nix (modulesPath + "/b.nix") ../c ]; }',
    ["", null, "./a.nix nixpkgs/b.nix ../c", null, false],
  ],
  [
    "a module with options of its own",
    `{ config, lib, ... }: let cfg = config.my.x; in {
      options.my.x = { enable = lib.mkEnableOption "x"; y = lib.mkOption { }; };
      config = lib.mkIf cfg.enable (lib.mkMerge [ { a.b = 1; } (lib.mkIf c { a."/d" = { }; }) ]);
    }`,
    ["a.b? a./d", "my.x.enable! my.x.y?", "", "my.x.enable", true],
  ],
  [
    "functions of the library by their bare names",
    "{ config, lib, ... }: with lib; { options.a.enable = mkEnableOption x; config = mkIf config.a.enable { b = mkForce { c = 1; }; }; }",
    ["b.c?", "a.enable!", "", "a.enable", true],
  ],
  [
    "a switch that is declared twice",
    '{ lib, ... }: { options.a = lib.mkMerge [ { b = lib.mkEnableOption "b"; } { b = lib.mkEnableOption "c"; } ]; }',
    [null, "a.b?", "", null, true],
  ],
  [
    "what `config` is bound to elsewhere is no option",
    "{ config, lib, ... }: let config = x; in { config = lib.mkIf config.a.enable { b = 1; }; }",
    ["b?", null, "", null, true],
  ],
  [
    "a condition of several parts",
    "{ config, lib, ... }: { config = lib.mkIf (config.a.enable && config.b) { c = 1; }; }",
    ["c?", null, "", null, true],
  ],
  [
    "a name that is bound to itself",
    "{ lib, ... }: let a = a.b; in { config = lib.mkIf a { c = 1; }; }",
    ["c?", null, "", null, true],
  ],
  [
    "a path of nixpkgs that is computed here",
    '{ ... }: let modulesPath = x; in { imports = [ (modulesPath + "/b") ]; }',
    null,
  ],
  ["names that are computed", "{ ... }: { $" + "{x} = 1; }", null],
  ["a `lib` of its own", "{ ... }: let lib = x; in { config = lib.mkIf a { b = 1; }; }", null],
  ["imports that are computed", "{ ... }: { imports = [ ./a ] ++ x; }", null],
  ["a text that does not parse", "{ ... }: { a = 1 }", null],
  ["no function", "{ a = 1; }", null],
];
for (const [title, text, expected] of cases)
  test(`what shows of a module: ${title}`, () => {
    assert.deepEqual(said(text), expected);
  });
