import assert from "node:assert/strict";
import { test } from "node:test";
import { type EditHints, placeOf } from "../../../server/src/persistence/edit";
import type { PersistTarget } from "../../../server/src/persistence/target";
import { at, directory, file, filesOf, persist } from "./support";

const block = (inner: string) => `{ lib, cfg, ... }:\n{ environment.persistence."/persist" = { ${inner} }; }`;
const plain = block('directories = [ "/var/lib/a" ]; files = [ "/etc/b" ]; users.josh.directories = [ ".ssh" ];');

const machine = (name: string, list: string) =>
  `nixosConfigurations.${name} = lib.nixosSystem { modules = [\n{ environment.persistence."/p".directories = [${list}]; } ]; };`;
const fleet = (a: string, b: string) => `{ outputs = { lib, ... }: {\n${machine("a", a)}\n${machine("b", b)}\n}; }`;

const cases: readonly (readonly [string, string, PersistTarget, RegExp, EditHints?])[] = [
  ["the root", plain, directory("/"), /root itself/],
  ["a relative path", plain, directory("var/lib"), /not an absolute path/],
  ["dots", plain, directory("/var/lib/../x"), /`\.\.`/],
  ["a single dot", plain, directory("/var/./x"), /`\.`/],
  ["the store", plain, directory("/nix/store/x"), /below \/nix/],
  ["/proc", plain, directory("/proc"), /kernel/],
  ["/sys", plain, directory("/sys/x"), /kernel/],
  ["/dev", plain, directory("/dev/shm"), /device/],
  ["/run", plain, directory("/run/user/1000"), /running programs/],
  ["/tmp", plain, file("/tmp/x"), /temporary/],
  ["a NUL byte", plain, file("/etc/a\0b"), /NUL/],
  ["bytes that are no UTF-8", plain, file("/etc/a\uFFFDb"), /UTF-8/],
  ["an owner that cannot be written", plain, directory("/srv", { user: "a\0" }), /NUL/],
  ["the same entry", plain, directory("/var/lib/a"), /already persisted through `\/var\/lib\/a` in x\.nix/],
  ["below an entry", plain, file("/var/lib/a/b/c"), /already persisted through `\/var\/lib\/a`/],
  ["below a user's entry", plain, at("josh", file(".ssh/config")), /already persisted through `\.ssh`/],
  ["a file that is declared as a directory", plain, file("/var/lib/a"), /declared already, as a directory/],
  ["a directory that is declared as a file", plain, directory("/etc/b"), /declared already, as a file/],
  ["a conditional entry", block('directories = lib.optionals lib.c [ "/a" ];'), directory("/a"), /under a condition/],
  ["the storage itself", plain, directory("/persist/x"), /lies in the persistent storage \/persist/],
  [
    "a tree with the storage in it",
    '{ environment.persistence."/mnt/data/p".directories = [ ]; }',
    directory("/mnt/data"),
    /contains the persistent storage/,
  ],
  ["a computed list", block("directories = map toString cfg;"), directory("/a"), /`directories` in x\.nix is computed/],
  ["a conditional list", block('directories = lib.mkIf cfg [ "/b" ];'), directory("/a"), /under a condition/],
  ["an inherited list", block("inherit (cfg) directories;"), directory("/a"), /computed/],
  ["computed users", block("users = lib.genAttrs cfg;"), at("josh", directory("a")), /`users` is computed/],
  [
    "a user whose name is computed",
    block('users.${cfg}.directories = [ "a" ];'),
    at("josh", directory("b")),
    /whose paths `users\.\$\{cfg\}`/,
  ],
  [
    "a second dotted list of a computed user",
    block('users.${cfg}.directories = [ "a" ];'),
    at("josh", file("b")),
    /Nix does not allow a second binding/,
    { soleUser: "josh" },
  ],
  [
    "a second dotted list of a computed storage",
    'p: { environment.persistence.${p}.directories = [ "/a" ]; }',
    file("/b"),
    /Nix does not allow a second binding/,
  ],
  [
    "a Home Manager module of an unnamed user",
    '{ home.persistence."/p".directories = [ "a" ]; }',
    at("josh", directory("b")),
    /which user `home\.persistence`/,
  ],
  [
    "a Home Manager module for the system",
    '{ home.persistence."/p".directories = [ ]; }',
    directory("/b"),
    /no plain module/,
  ],
  ["a flake of several hosts", fleet(' "/x" ', ' "/y" '), directory("/a"), /configures several hosts/],
  ["a flake", "{ outputs = { self }: { }; }", directory("/a"), /no plain module/],
  ["a module under a condition", "{ lib, ... }: lib.mkIf lib.c { }", directory("/a"), /no plain module/],
  ["a module with options alone", "{ options.x = 1; }", directory("/a"), /no plain module/],
  [
    "a computed `environment`",
    "{ lib, ... }: { environment = lib.mkIf lib.c { }; }",
    directory("/a"),
    /`environment` is computed/,
  ],
  [
    "a list with a syntax error",
    '{ environment.persistence."/p".directories = [ "/a" ',
    directory("/b"),
    /syntax error/,
  ],
  ["a module with a syntax error", "{ a = ; }", directory("/b"), /syntax error/],
  ["a storage that is switched off", block("enable = false;"), directory("/a"), /switched off/],
];

for (const [name, text, target, reason, hints] of cases) {
  test(`refused: ${name}`, async () => {
    const { edits, refused } = await persist({ "hosts/x.nix": text }, [target], hints);
    assert.deepEqual([...edits], []);
    assert.equal(refused.length, 1);
    assert.equal(refused[0]?.path, target.path);
    assert.match(refused[0]?.reason ?? "", reason);
  });
}

test("without any file there is nowhere to write", async () => {
  const { refused } = await persist({}, [directory("/a")]);
  assert.match(refused[0]?.reason ?? "", /no file/);
});

test("a target below another one, or given twice, is written once", async () => {
  const { after, refused } = await persist({ "x.nix": "{ }" }, [
    file("/srv/a/b"),
    directory("/srv/a"),
    directory("/srv/a/"),
    directory("/srv/a/c"),
  ]);
  assert.deepEqual(refused, []);
  assert.equal(after["x.nix"], '{\n  environment.persistence."/persist" = {\n    directories = [ "/srv/a" ];\n  };\n}');
});

test("when the parent is refused, what lies below it is still written", async () => {
  const text = '{ environment.persistence."/mnt/p".directories = [ ]; }';
  const { after, refused } = await persist({ "x.nix": text }, [directory("/mnt"), directory("/mnt/a")]);
  assert.deepEqual(
    refused.map(({ path }) => path),
    ["/mnt"],
  );
  assert.equal(after["x.nix"], '{ environment.persistence."/mnt/p".directories = [ "/mnt/a" ]; }');
});

test("one path as a file and as a directory: the second is refused", async () => {
  const { after, refused } = await persist({ "x.nix": block("directories = [ ];") }, [directory("/a"), file("/a")]);
  assert.match(refused[0]?.reason ?? "", /being added as a directory/);
  assert.equal(after["x.nix"], block('directories = [ "/a" ];'));
});

const main = '{ environment.persistence."/p" = { directories = [ "/var/lib/x" "/y" ]; }; }';
const service = '{ environment.persistence."/p".directories = [ "/srv/git" ]; }';

test("the file whose list holds relatives is chosen, else the one with most entries, else the first", async () => {
  const texts = { "service.nix": service, "main.nix": main };
  const places = [directory("/srv/www"), directory("/opt/z"), file("/z")];
  const { edits, after } = await persist(texts, places);
  assert.deepEqual([...edits.keys()].sort(), ["main.nix", "service.nix"]);
  assert.equal(after["service.nix"], service.replace('"/srv/git"', '"/srv/git" "/srv/www"'));
  assert.equal(after["main.nix"], main.replace('"/y" ];', '"/y" "/opt/z" ]; files = [ "/z" ];'));
  const same = await persist({ "b.nix": service, "a.nix": service }, [directory("/opt/z")]);
  assert.deepEqual([...same.edits.keys()], ["b.nix"]);
});

test("a file that is only under a condition does not keep a new block out of another file", async () => {
  const texts = {
    "a.nix": '{ lib, ... }: lib.mkIf lib.c { environment.persistence."/data".directories = [ "/b" ]; }',
    "b.nix": "{ }",
  };
  const { after } = await persist(texts, [directory("/c")]);
  assert.equal(after["b.nix"], '{\n  environment.persistence."/data" = {\n    directories = [ "/c" ];\n  };\n}');
});

test("in a flake of several hosts, the named one is edited and only its entries count", async () => {
  const { after } = await persist({ "flake.nix": fleet(' "/x" "/y" ', "") }, [directory("/x")], { host: "b" });
  assert.equal(after["flake.nix"], fleet(' "/x" "/y" ', ' "/x" '));
});

test("home directories are those of the host", async () => {
  const text = block('users.josh.directories = [ "a" ];');
  const homeOf = { user: "josh", home: "/data/josh" };
  const known = await persist({ "x.nix": text }, [{ ...directory("/data/josh/a/b"), homeOf }]);
  assert.match(known.refused[0]?.reason ?? "", /already persisted through `a`/);
  const { after } = await persist({ "x.nix": text }, [{ ...directory("/data/josh/c"), homeOf }]);
  assert.equal(after["x.nix"], block('users.josh.directories = [ "a" "c" ];'));
});

test("the place of a target is the name of its list, else its block, else nothing", async () => {
  const files = await filesOf({ "x.nix": plain, "y.nix": "{ }" });
  const named = (target: PersistTarget, hints?: EditHints) => {
    const place = placeOf(files, target, hints);
    return place === null ? null : [place.name, plain.slice(place.span.start, place.span.end)];
  };
  assert.deepEqual(named(directory("/srv")), ["x.nix", "directories"]);
  assert.deepEqual(named(file("/etc/z")), ["x.nix", "files"]);
  assert.deepEqual(named(at("josh", file(".z"))), ["x.nix", 'environment.persistence."/persist"']);
  assert.equal(named(directory("/tmp/x")), null);
  assert.equal(placeOf(await filesOf({ "y.nix": "{ }" }), directory("/srv")), null);
});

const dockerModule = `{ lib, config, ... }:
{ config = lib.mkMerge [ (lib.mkIf config.services.docker.enable {
  environment.persistence."/persist".directories = [ "/var/lib/docker" ];
}) ]; }
`;

test("a list under a service's condition takes nothing else: it would be lost where the service is off", async () => {
  const { after, refused } = await persist({ "x.nix": dockerModule }, [directory("/var/lib/bluetooth")]);
  assert.equal(after["x.nix"], dockerModule);
  assert.equal(refused.length, 1);
});

test("the host's main block under a condition is where a person would write, new lists included", async () => {
  const main = (more: string, rest = "") => `{ lib, config, ... }:
{
  options.x.enable = lib.mkEnableOption "x";
  config = lib.mkIf config.x.enable {
    environment.persistence."/persist" = {
      directories = [ "/var/lib/nixos"${more} ];${rest}
    };
  };
}
`;
  const { after } = await persist({ "x.nix": main("") }, [directory("/srv"), file("/etc/machine-id")]);
  assert.equal(after["x.nix"], main(' "/srv"', '\n      files = [ "/etc/machine-id" ];'));
});
