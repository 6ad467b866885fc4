import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkFile } from "../../../server/src/rules/index";
import { contextOf } from "./support";

/** What is said about the first file: rule, text and the places linked. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const context = await contextOf(files);
  return checkFile(context).map(({ code, span, related }) => {
    const places = (related ?? []).map((place) => {
      const { text } = context.host.find(({ name }) => name === place.file) ?? assert.fail(place.file);
      return ` (${place.file}: ${text.slice(place.span.start, place.span.end)})`;
    });
    return `${code} ${context.file.text.slice(span.start, span.end)}${places.join("")}`;
  });
}

const persist = (rest: string) => `{ environment.persistence."/persist"${rest} }\n`;

describe("duplicate-path", () => {
  const log = persist('.directories = [ "/var/log" ];');

  test("each of two files names the other", async () => {
    const common = persist('.directories = [ "/srv" "/var/log/" ];');
    assert.deepEqual(await said({ "host.nix": log, "common.nix": common }), [
      'duplicate-path "/var/log" (common.nix: "/var/log/")',
    ]);
    assert.ok(
      (await said({ "common.nix": common, "host.nix": log })).includes(
        'duplicate-path "/var/log/" (host.nix: "/var/log")',
      ),
    );
  });

  for (const [title, other] of [
    ["under a condition", `{ lib, x, ... }: ${persist(' = lib.mkIf x { directories = [ "/var/log" ]; };')}`],
    ["disabled in the same file", persist(' = { enable = false; directories = [ "/var/log" ]; };')],
    ["maybe enabled", `{ x, ... }: ${persist(' = { enable = x; directories = [ "/var/log" ]; };')}`],
    ["replaced by force", `{ lib, ... }: ${persist('.directories = lib.mkForce [ "/var/log" ];')}`],
    ["a default", `{ lib, ... }: ${persist(' = lib.mkDefault { directories = [ "/var/log" ]; };')}`],
    ["under another module", '{ preservation.preserveAt."/persist".directories = [ "/var/log" ]; }'],
    ["of several hosts", `{ nixosConfigurations.x = { }; y = ${log}; }`],
    ["behind a syntax error", '{ environment.persistence."/persist".directories = [ = "/var/log" ]; }'],
    ["as a file", persist('.files = [ "/var/log/x" ];')],
  ] as const) {
    test(`silent when the other one is ${title}`, async () => {
      const found = await said({ "host.nix": log, "other.nix": other });
      assert.ok(!found.some((line) => line.startsWith("duplicate-path")), found.join("\n"));
    });
  }

  test("a storage disabled in another file is not in use", async () => {
    const twice = persist('.directories = [ "/srv" "/srv" ];');
    assert.equal((await said({ "host.nix": twice })).length, 1);
    assert.deepEqual(await said({ "host.nix": twice, "off.nix": persist(".enable = false;") }), [
      "disabled-storage directories",
    ]);
    assert.equal(
      (await said({ "host.nix": twice, "off.nix": '{ environment.persistence."/b".enable = false; }' })).length,
      1,
    );
  });

  test("home directories of other files count", async () => {
    const files = {
      "host.nix": persist(' = { directories = [ "/data/josh/x" ]; users.josh.directories = [ "x" ]; };'),
      "users.nix": '{ users.users.josh.home = "/data/josh"; }',
    };
    assert.deepEqual(await said(files), ['duplicate-path "x" (host.nix: "/data/josh/x")']);
    assert.deepEqual(await said({ ...files, "more.nix": '{ users.users.josh.home = "/home/josh"; }' }), []);
  });

  test("an assumed home is not compared with the system's lists, but one user's lists are", async () => {
    const files = persist(' = { directories = [ "/home/a/x" ]; users.a.directories = [ "x" ]; };');
    assert.deepEqual(await said({ "host.nix": files }), []);
    assert.equal((await said({ "host.nix": files, "a.nix": '{ users.users.a.home = "/home/a"; }' })).length, 1);
    const twice = persist('.users.a.directories = [ "x" "x/" "/x" ];');
    assert.equal((await said({ "host.nix": twice })).filter((line) => line.startsWith("duplicate-path")).length, 2);
    const root = persist(' = { directories = [ "/root/x" ]; users.root.directories = [ "x" ]; };');
    assert.deepEqual(await said({ "host.nix": root }), ['duplicate-path "x" (host.nix: "/root/x")']);
  });

  test("Home Manager's and the system's lists are one", async () => {
    const home = '{ home-manager.users.josh.home.persistence."/persist".directories = [ "Music" ]; }';
    assert.deepEqual(await said({ "host.nix": persist('.users.josh.directories = [ "Music" ];'), "home.nix": home }), [
      'duplicate-path "Music" (home.nix: "Music")',
    ]);
  });

  test("a home of an unknown user is compared within one list only", async () => {
    const list = 'home.persistence."/persist".directories = [ "Music" ];';
    assert.deepEqual(await said({ "a.nix": `{ ${list} }`, "b.nix": `{ ${list} }` }), []);
    assert.deepEqual(await said({ "a.nix": `{ ${list.replace('"Music"', '"Music" "Music"')} }` }), [
      'duplicate-path "Music" (a.nix: "Music")',
    ]);
  });
});

describe("storage-not-needed-for-boot", () => {
  const late = '{ fileSystems."/persist".neededForBoot = false; }';
  const kept = persist('.directories = [ "/srv/a" ];');

  test("the paths are those of all files of the host", async () => {
    assert.deepEqual(await said({ "hardware.nix": late, "host.nix": kept }), [
      'storage-not-needed-for-boot false (host.nix: "/srv/a")',
    ]);
    assert.deepEqual(await said({ "host.nix": kept, "hardware.nix": late }), []);
    assert.deepEqual(await said({ "hardware.nix": late }), []);
  });

  for (const [title, hardware, other] of [
    ["another file says otherwise", late, '{ lib, ... }: { fileSystems."/persist".neededForBoot = lib.mkForce true; }'],
    ["it is a default", `{ lib, ... }: { config = lib.mkDefault ${late}; }`, "{ }"],
    ["it holds under a condition", `{ lib, x, ... }: lib.mkIf x ${late}`, "{ }"],
    ["one of two branches has it", `{ x, ... }: if x then ${late} else { }`, "{ }"],
    ["the file is one of several hosts", `{ nixosConfigurations.a = f { modules = [ ${late} ]; }; }`, "{ }"],
    ["it belongs to a container", `{ containers.x.config = { ... }: ${late}; }`, "{ }"],
    ["the storage may be disabled", late, persist(".enable = false;")],
  ] as const)
    test(`silent when ${title}`, async () => {
      assert.deepEqual(await said({ "hardware.nix": hardware, "host.nix": kept, "other.nix": other }), []);
    });
});

describe("covered-by-parent and file-and-directory", () => {
  const parent = persist('.directories = [ "/srv/data" ];');

  test("name the place in another file", async () => {
    assert.deepEqual(await said({ "host.nix": persist('.files = [ "/srv/data/key" ];'), "common.nix": parent }), [
      'covered-by-parent "/srv/data/key" (common.nix: "/srv/data")',
    ]);
    assert.deepEqual(await said({ "host.nix": persist('.files = [ "/srv/data" ];'), "common.nix": parent }), [
      'file-and-directory "/srv/data" (common.nix: "/srv/data")',
    ]);
  });

  test("a parent that goes to another storage covers nothing", async () => {
    const elsewhere = persist('.directories = [ { directory = "/srv/data"; persistentStoragePath = "/b"; } ];');
    assert.deepEqual(await said({ "host.nix": persist('.files = [ "/srv/data/key" ];'), "b.nix": elsewhere }), []);
  });
});

describe("missing-essential", () => {
  const few = persist('.directories = [ "/var/log" ];');

  test("is judged over all files of the host, and said once, where most entries are", async () => {
    const large = persist(' = { directories = [ "/srv" "/opt" ]; files = [ "/etc/machine-id" ]; };');
    assert.deepEqual(await said({ "few.nix": few, "large.nix": large }), []);
    assert.deepEqual(await said({ "large.nix": large, "few.nix": few }), [
      'missing-essential environment.persistence."/persist"',
    ]);
    const rest = persist('.directories = [ "/var/lib/nixos" ];');
    assert.deepEqual(await said({ "large.nix": large, "few.nix": few, "rest.nix": rest }), []);
  });

  for (const [title, other] of [
    ["a list is not understood", `{ x, ... }: ${persist(".files = x;")}`],
    ["a part of a storage is not understood", `{ x, ... }: ${persist(" = x;")}`],
    ["a storage is computed", "{ x, ... }: { environment.persistence.${x}.directories = [ ]; }"],
    ["a block does not parse", '{ environment.persistence."/persist".directories = [ "/srv" = ]; }'],
    [
      "a mount point covers",
      '{ fileSystems."/var".fsType = "ext4"; environment.etc.machine-id.text = "/etc/machine-id"; }',
    ],
    ["the module's warnings are off", persist(".enableWarnings = false;")],
    [
      "a condition may add them",
      `{ lib, x, ... }: ${persist('.directories = lib.optionals x [ "/etc" "/var/lib" ];')}`,
    ],
    ["the file is one of several hosts", `{ nixosConfigurations = { }; y = ${persist(".files = [ ];")}; }`],
  ] as const) {
    test(`silent when ${title}`, async () => {
      assert.equal((await said({ "few.nix": few })).length, 2);
      const found = await said({ "few.nix": few, "other.nix": other });
      assert.ok(!found.some((line) => line.startsWith("missing-essential")), found.join("\n"));
    });
  }
});
