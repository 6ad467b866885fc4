import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { entriesOfHosts } from "./adapter";

/** No repository may take more of a processor than this, in milliseconds; those here take a fraction of it unless something is wrong. */
const patience = 20_000;

/** A flake with one host that is fine and one, `bad`, whose module is in `bad.nix`. */
const flake = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs = { nixpkgs, ... }@inputs: {
    nixosConfigurations.bad = nixpkgs.lib.nixosSystem { specialArgs = { inherit inputs; }; modules = [ ./bad.nix ]; };
    nixosConfigurations.good = nixpkgs.lib.nixosSystem { modules = [ ./good.nix ]; };
  };
}`;
const good = `{ environment.persistence."/p".directories = [ "/good" ]; }`;

type Files = Readonly<Record<string, string>>;
interface Said {
  readonly paths: readonly string[];
  readonly open: boolean;
}

/** What is said of the hosts of a repository in a folder of its own, which `prepare` may fill further. */
async function said(files: Files, prepare: (folder: string) => void = () => {}): Promise<ReadonlyMap<string, Said>> {
  const outer = mkdtempSync(path.join(tmpdir(), "hostile-"));
  try {
    const folder = path.join(outer, "repository");
    for (const [name, text] of Object.entries({ "flake.nix": flake, "good.nix": good, ...files })) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    prepare(folder);
    const start = process.cpuUsage();
    const hosts = await entriesOfHosts(folder);
    const took = process.cpuUsage(start).user / 1000;
    assert.ok(took < patience, `it took ${Math.round(took)} ms`);
    return new Map(
      [...hosts].map(([name, { rows, unknown }]) => [
        name,
        { paths: rows.map((row) => `${row.path}${row.conditional ? "?" : ""}`), open: unknown.length > 0 },
      ]),
    );
  } finally {
    rmSync(outer, { recursive: true });
  }
}

/** A module that keeps what an expression gives. */
const keeping = (list: string) =>
  `{ lib, config, inputs, pkgs, ... }: { environment.persistence."/p".directories = ${list}; }`;

/** Modules, by what is hostile about them; the host that has one must not be said to keep "/secret", nor take long. */
const modules: Readonly<Record<string, string>> = {
  "a file that imports itself": `{ imports = [ ./bad.nix (import ./bad.nix) ]; }`,
  "a file that is its own import": `import ./bad.nix`,
  "a folder that imports itself": `{ imports = [ ./. ../repository ./bad.nix/.. ]; }`,
  "a file of the system": keeping(`import /etc/passwd ++ [ (builtins.readFile /etc/passwd) ]`),
  "a device": keeping(`[ (builtins.readFile /dev/zero) ] ++ import /dev/stdin`),
  "the depths of the system": keeping(
    `builtins.attrNames (builtins.readDir /.) ++ lib.filesystem.listFilesRecursive /.`,
  ),
  "a name that leads out of the repository": keeping(
    `[ (builtins.readFile "\${toString ./.}/../../../../../../../../etc/passwd") ]`,
  ),
  "a fixed point of itself": keeping(`(lib.fix (self: self)).a ++ lib.fix (self: self ++ [ "/x" ])`),
  "functors of functors": keeping(
    `let f = { __functor = self: self; }; g = { __functor = self: x: self x; }; in f 1 ++ g 1 ++ lib.fix f`,
  ),
  "functions that call themselves": keeping(
    `let f = x: f x; g = x: [ (g x) ]; h = x: 1 + h (h x); in f 1 ++ g 1 ++ h 1`,
  ),
  "callbacks in callbacks": keeping(
    `let f = n: lib.foldl' (a: b: a ++ map f [ n ]) (lib.concatMap f [ n ]) (lib.attrValues (lib.mapAttrs (_: f) { a = n; })); in f 1`,
  ),
  "filters that ask themselves": keeping(
    `let f = x: builtins.filter f [ x ] != [ ] && builtins.any f [ x ] && builtins.all f (lib.unique [ x x ]); in lib.optional (f 1) "/x"`,
  ),
  "sorts that sort": keeping(`let f = a: b: builtins.sort f [ a b ] == [ a b ]; in builtins.sort f [ "/a" "/b" "/c" ]`),
  "sets in sets that double": keeping(
    `let d = x: { a = x; b = x; }; n = lib.foldl' (a: _: d a) { } (lib.range 1 60); in lib.collect (x: x == 1) n ++ lib.attrNames (lib.mapAttrsRecursive (p: v: v) n) ++ [ n (n == n) ]`,
  ),
  "a closure without an end": keeping(
    `map (x: x.key) (builtins.genericClosure { startSet = [ { key = 0; } ]; operator = { key }: [ { key = key + 1; } ]; })`,
  ),
  "lists that double": keeping(`lib.foldl' (a: _: a ++ a) [ "/x" ] (lib.range 1 60)`),
  "strings that double": keeping(`[ (lib.foldl' (a: _: "\${a}\${a}") "/x" (lib.range 1 60)) ]`),
  "many long strings": keeping(
    `let long = lib.foldl' (a: _: a + a) "/x" (lib.range 1 14); in map (n: "\${long}\${toString n}") (lib.range 1 300000)`,
  ),
  "many long strings, by functions": keeping(
    `let long = lib.foldl' (a: _: a + a) "/x" (lib.range 1 14); in map (n: builtins.replaceStrings [ "x" ] [ (toString n) ] long) (lib.range 1 300000)`,
  ),
  "a long range": keeping(`map toString (lib.range 1 100000000) ++ builtins.genList toString 1000000000`),
  "expressions that take exponentially long": keeping(
    `lib.optional (builtins.match ".*.*.*.*x" "${"a".repeat(900)}" != null) "/x" ++ lib.optional (builtins.match "${"a?".repeat(60)}${"a".repeat(60)}" "${"a".repeat(60)}" != null) "/y" ++ builtins.filter builtins.isString (builtins.split "a*a*a*b" "${"a".repeat(900)}")`,
  ),
  "alternatives that take exponentially long": keeping(
    `lib.optional (builtins.match "${"(a|a)".repeat(35)}b" "${"a".repeat(35)}" != null) "/x"`,
  ),
  "expressions that take long, often": keeping(
    `lib.concatMap (n: lib.optional (builtins.match ".*a.*b.*" "${"a".repeat(180)}\${toString n}" != null) "/x") (lib.range 1 100000)`,
  ),
  "options that need themselves": `{ lib, config, ... }: {
    options.a = lib.mkOption { default = config.a; };
    options.b = lib.mkOption { default = config.c; };
    options.c = lib.mkOption { default = config.b; apply = x: config.c ++ x; };
    config.environment.persistence."/p".directories = config.a ++ config.b ++ config.c;
  }`,
  "conditions on what they decide": `{ lib, config, ... }: lib.mkIf (config.environment.persistence != { }) {
    environment.persistence."/p".directories = lib.mkIf (config.environment.persistence."/p".directories != [ ]) [ "/x" ];
  }`,
  "imports that depend on options": `{ lib, config, ... }: {
    imports = lib.optional config.services.x ./good.nix ++ lib.optional (config.environment.persistence ? "/p") ./good.nix;
    options.services.x = lib.mkOption { default = true; };
    config.environment.persistence."/p".directories = [ "/x" ];
  }`,
  "modules made of modules without an end": `let f = n: { imports = [ (f (n + 1)) (f (n + 2)) ]; }; in f 0`,
  "a module that is a function of functions": `let f = x: f; in f`,
  "very many imports": `{ imports = builtins.genList (n: ./good.nix) 500000; }`,
  "very many parts of a definition": `{ lib, ... }: { environment.persistence."/p" = lib.mkMerge (map (n: lib.mkOverride n { directories = lib.mkOverride n [ "/\${toString n}" ]; }) (lib.range 1 40000)); }`,
  "very many storages": `{ lib, ... }: { imports = map (n: { environment.persistence."/p\${toString n}".directories = [ "/x" ]; }) (lib.range 1 4000); }`,
  "submodules in submodules": `{ lib, config, ... }: let
    type = n: lib.types.submodule { options.below = lib.mkOption { type = type (n + 1); default = { }; }; options.path = lib.mkOption { default = "/x"; }; };
    dig = n: x: if n == 0 then x.path else dig (n - 1) x.below;
  in { options.top = lib.mkOption { type = type 0; default = { }; }; config.environment.persistence."/p".directories = [ (dig 1000 config.top) ] ++ lib.collect builtins.isString config.top; }`,
  "a home that reads its host that reads the home": `{ config, ... }: {
    home-manager.users.ann = { osConfig, config, ... }: { home.persistence."/p".directories = osConfig.environment.persistence."/p".directories ++ config.home.persistence."/p".directories; };
    environment.persistence."/p".directories = config.home-manager.users.ann.home.persistence."/p".directories;
  }`,
  "very many users with very many modules": `{ lib, ... }: {
    home-manager.sharedModules = map (n: { home.persistence."/p".directories = [ "x" ]; }) (lib.range 1 3000);
    home-manager.users = lib.genAttrs (map toString (lib.range 1 3000)) (name: { });
  }`,
  "configurations of configurations": `{ lib, inputs, config, ... }: {
    environment.persistence."/p".directories =
      (lib.nixosSystem { modules = [ ./bad.nix ]; specialArgs = { inherit inputs; }; }).config.environment.persistence."/p".directories;
  }`,
  "all of the configuration, often": keeping(
    `map (n: (config // { a = "/x"; }).a) (lib.range 1 100000) ++ lib.concatMap (n: lib.attrNames config) (lib.range 1 100000)`,
  ),
  "a very long path of options": `{ a.${"b.".repeat(20_000)}c = 1; environment.${"persistence.".repeat(5000)}x = [ ]; }`,
  "very deep brackets": keeping(`${"(".repeat(50_000)}[ "/x" ]${")".repeat(50_000)}`),
  "very deep sets": `${"{ a = ".repeat(20_000)}1${"; }".repeat(20_000)}`,
  "definitions of themselves": `{ lib, config, ... }: let
    x = lib.mkForce x; y = lib.mkMerge [ y y ]; z = lib.mkIf true z; f = a: lib.mkMerge [ (f a) (f a) ];
  in { imports = [ x y z { config = y; } ]; environment.persistence = lib.mkMerge [ x y z (f 1) ]; home-manager.users.ann = y; options.o = lib.mkOption y; }`,
  "aliases in circles": `{ lib, ... }: {
    imports = [ (lib.mkAliasOptionModule [ "a" ] [ "b" ]) (lib.mkAliasOptionModule [ "b" ] [ "a" ]) (lib.mkRenamedOptionModule [ "environment" ] [ "environment" "persistence" ]) ];
    a = [ "/x" ]; environment.persistence."/p".directories = [ "/y" ];
  }`,
};

describe("a hostile repository takes little time and spoils no other host", () => {
  for (const [title, text] of Object.entries(modules))
    test(title, async () => {
      const hosts = await said({ "bad.nix": text });
      assert.deepEqual(hosts.get("good"), { paths: ["/good"], open: false });
      const bad = JSON.stringify(hosts.get("bad") ?? null);
      assert.doesNotMatch(bad, /root:|\/etc\/|usr/);
    });
});

test("links that lead out of the repository and what is no file are not read, links inside are", async () => {
  const hosts = await said(
    {
      "bad.nix": `{ lib, ... }: { imports = [ ./inner.nix ./outer.nix ./folder/secret.nix ./loop.nix ./pipe.nix ];
        environment.persistence."/p".directories = [ (builtins.readFile ./secret.txt) (builtins.readFile ./pipe.nix) ]
          ++ lib.optional (builtins.pathExists ./outer.nix) "/outer-is-there" ++ import ./folder/list.nix ++ import ./loop.nix; }`,
    },
    (folder) => {
      const outside = path.join(path.dirname(folder), "outside");
      mkdirSync(outside);
      writeFileSync(path.join(outside, "secret.nix"), `{ environment.persistence."/p".directories = [ "/secret" ]; }`);
      writeFileSync(path.join(outside, "list.nix"), `[ "/secret" ]`);
      writeFileSync(path.join(outside, "secret.txt"), "/secret");
      symlinkSync(path.join(outside, "secret.nix"), path.join(folder, "outer.nix"));
      symlinkSync(path.join(outside, "secret.txt"), path.join(folder, "secret.txt"));
      symlinkSync(outside, path.join(folder, "folder"));
      symlinkSync("loop.nix", path.join(folder, "loop.nix"));
      symlinkSync("good.nix", path.join(folder, "inner.nix"));
      assert.equal(spawnSync("/bin/sh", ["-c", "mkfifo pipe.nix"], { cwd: folder }).status, 0);
    },
  );
  assert.deepEqual(hosts.get("good"), { paths: ["/good"], open: false });
  const bad = hosts.get("bad");
  assert.ok(bad?.open === true && bad.paths.includes("/good"));
  assert.doesNotMatch(bad.paths.join(), /secret|outer-is/);
});

test("a large file is not taken in", async () => {
  const hosts = await said({
    "bad.nix": `{ environment.persistence."/p".directories = builtins.genList (n: builtins.readFile ./large) 3000 ++ [ "/x" ]; }`,
    large: "x".repeat(15_000_000),
  });
  assert.deepEqual(hosts.get("good"), { paths: ["/good"], open: false });
});

test("ten thousand modules are read, or said to be too many", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, n) => [
      `modules/m${n}.nix`,
      `{ environment.persistence."/p".directories = [ "/m${n}" ]; }`,
    ]),
  );
  const hosts = await said({
    ...files,
    "bad.nix": `{ lib, ... }: { imports = lib.filesystem.listFilesRecursive ./modules; }`,
  });
  assert.deepEqual(hosts.get("good"), { paths: ["/good"], open: false });
  const bad = hosts.get("bad");
  assert.ok(bad !== undefined && (bad.open || bad.paths.length === 10_000));
  assert.ok(bad.paths.length > 4000);
});

test("flakes that are each other's inputs", async () => {
  const other = (name: string, module: string) => `{
  inputs.${name}.url = "path:../${name}";
  outputs = inputs: { modules = inputs.${name}.modules ++ [ { environment.persistence."/p".directories = [ "/${module}" ]; } ]; own = [ { environment.persistence."/p".directories = [ "/own" ]; } ]; };
}`;
  const hosts = await said({
    "flake.nix": `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.a.url = "path:./a";
  inputs.self2.url = "path:./.";
  outputs = { nixpkgs, a, self2, ... }: {
    nixosConfigurations.bad = nixpkgs.lib.nixosSystem { modules = a.modules ++ self2.nixosConfigurations.bad.config.x; };
    nixosConfigurations.good = nixpkgs.lib.nixosSystem { modules = a.own; };
  };
}`,
    "a/flake.nix": other("b", "a"),
    "b/flake.nix": other("a", "b"),
  });
  assert.deepEqual(hosts.get("good"), { paths: ["/own"], open: false });
});
