import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkFile } from "../../../server/src/rules/index";
import { applyEdits } from "../../../server/src/syntax/span";
import { contextOf } from "./support";

type Files = Readonly<Record<string, string>>;

/** What one rule says about the first file of a host: the level and the marked text. */
async function said(code: string, files: Files, whole = true): Promise<string[]> {
  const context = await contextOf(files, whole);
  return checkFile(context)
    .filter((finding) => finding.code === code)
    .map(({ level, span }) => `${level} ${context.file.text.slice(span.start, span.end)}`);
}

const persist = (rest: string) => `{ environment.persistence."/persist"${rest} }\n`;
const base = persist('.directories = [ "/var/log" "/var/lib/nixos" ];');

describe("service-state", () => {
  const forgejo = "{ services.forgejo.enable = true; }\n";
  const found = ["warning services.forgejo.enable = true;"];

  test("the service and the persisted paths may be in different files, and the fix edits the right one", async () => {
    const files = { "forgejo.nix": forgejo, "base.nix": base };
    assert.deepEqual(await said("service-state", files), found);
    assert.deepEqual(await said("service-state", { "base.nix": base, "forgejo.nix": forgejo }), []);
    const context = await contextOf(files);
    const [fix] = checkFile(context).find(({ code }) => code === "service-state")?.fixes ?? [];
    assert.equal(fix?.title, 'Persist "/var/lib/forgejo"');
    assert.deepEqual(fix.edits, []);
    const fixed = applyEdits(base, fix.others?.get("base.nix") ?? []);
    assert.match(fixed, /directory = "\/var\/lib\/forgejo";\s+user = "forgejo";/);
    assert.deepEqual(await said("service-state", { "forgejo.nix": forgejo, "base.nix": fixed }), []);
  });

  for (const [title, other] of [
    ["a list is computed", `{ dirs, ... }: ${persist(".directories = dirs;")}`],
    ["an import is not understood", "{ modules, ... }: { imports = modules; }"],
    ["a file does not parse", "{ services.x = ; }"],
    ["a file system is put together", "{ disks, ... }: { fileSystems = disks; }"],
    ["disko gets its disks from elsewhere", "{ disks, ... }: { disko.devices = disks; }"],
    ["pools are mounted by ZFS", '{ boot.zfs.extraPools = [ "tank" ]; }'],
    ["units mount", '{ systemd.mounts = [ { where = "/var/lib"; what = "/dev/sda1"; } ]; }'],
    ["a disk of disko covers it", '{ disko.devices.disk.a.content.mountpoint = "/var/lib"; }'],
    ["a condition may persist it", `{ lib, x, ... }: ${persist('.directories = lib.optional x "/var/lib";')}`],
    ["a part of it is persisted", persist('.directories = [ "/var/lib/forgejo/data" ];')],
    ["a comment names it", "{ } # /var/lib/forgejo comes from the backup"],
    ["the service is turned off by force", "{ lib, ... }: { services.forgejo.enable = lib.mkForce false; }"],
    ["an option moves it to a place that is not known", "{ x, ... }: { services.forgejo.stateDir = x; }"],
    ["an option of it names another place", '{ services.forgejo.lfs.contentDir = "/tank/lfs"; }'],
    ["the storage holds it", '{ services.forgejo.stateDir = "/persist/forgejo"; }'],
  ] as const)
    test(`silent when ${title}`, async () => {
      const files = { "forgejo.nix": forgejo, "base.nix": base };
      assert.deepEqual(await said("service-state", files), found);
      assert.deepEqual(await said("service-state", { ...files, "other.nix": other }), []);
    });

  test("the folder of units with DynamicUser keeps no state of others", async () => {
    const files = { "forgejo.nix": forgejo, "base.nix": base };
    const folder = persist('.directories = [ { directory = "/var/lib/private"; mode = "0700"; } ];');
    assert.deepEqual(await said("service-state", { ...files, "private.nix": folder }), found);
  });

  test("silent where the host is not whole, and about what only may be enabled", async () => {
    assert.deepEqual(await said("service-state", { "forgejo.nix": forgejo, "base.nix": base }, false), []);
    for (const text of [
      "{ lib, x, ... }: { services.forgejo.enable = lib.mkIf x true; }",
      "{ lib, x, ... }: lib.mkIf x { services.forgejo.enable = true; }",
      "{ services.forgejo.enable = false; }",
      "{ containers.a.config = { services.forgejo.enable = true; }; }",
      "{ home-manager.users.a.services.syncthing.enable = true; }",
    ])
      assert.deepEqual(await said("service-state", { "a.nix": text, "base.nix": base }), [], text);
  });

  for (const [text, expected] of [
    ["{ services.fwupd.enable = true; }", ["hint services.fwupd.enable = true;"]],
    [
      "{ services.fwupd.enable = true; services.printing.enable = true; hardware.printers.ensurePrinters = [ ]; }",
      ["hint services.fwupd.enable = true;"],
    ],
    ["{ services.dnsmasq.enable = true; }", []],
    ['{ services.dnsmasq = { enable = true; settings.dhcp-range = [ "a" ]; }; }', ["hint enable = true;"]],
    ["{ services.vaultwarden.enable = true; }", ["warning services.vaultwarden.enable = true;"]],
    ['{ services.odd = { enable = true; dataDir = "/srv/odd"; }; }', ["hint enable = true;"]],
    ['{ services.odd = { enable = true; dataDir = "odd"; }; }', []],
    [
      '{ systemd.services.a.serviceConfig = { StateDirectory = "a b/c"; DynamicUser = true; }; }',
      ['hint StateDirectory = "a b/c";', 'hint StateDirectory = "a b/c";'],
    ],
    ['{ systemd.services.a.serviceConfig = { StateDirectory = "%N"; }; }', []],
    [
      "{ services.nginx.virtualHosts.a.enableACME = true; services.nginx.virtualHosts.b.enableACME = true; }",
      ["warning services.nginx.virtualHosts.a.enableACME = true;"],
    ],
  ] as const)
    test(`of ${text}`, async () => {
      assert.deepEqual(await said("service-state", { "a.nix": `${text}\n`, "base.nix": base }), expected);
    });

  test("certificates are told of once for all files of a host", async () => {
    const nginx = (name: string) => `{ services.nginx.virtualHosts.${name}.enableACME = true; }\n`;
    const [a, b] = [nginx("a"), nginx("b")];
    assert.equal((await said("service-state", { "a.nix": a, "b.nix": b, "base.nix": base })).length, 1);
    assert.deepEqual(await said("service-state", { "b.nix": b, "a.nix": a, "base.nix": base }), []);
  });

  test("an owner of one's own is not replaced by the usual one", async () => {
    const text = '{ services.jellyfin = { enable = true; user = "media"; }; }\n';
    const context = await contextOf({ "a.nix": text, "base.nix": base });
    const [fix] = checkFile(context).find(({ code }) => code === "service-state")?.fixes ?? [];
    assert.doesNotMatch(applyEdits(base, fix?.others?.get("base.nix") ?? []), /user = "jellyfin"/);
  });
});

describe("unknown-user", () => {
  const kept = persist('.users.margaret.directories = [ "Documents" ];');
  const josh = "{ users.users.josh.isNormalUser = true; }\n";

  test("users of all files count", async () => {
    assert.deepEqual(await said("unknown-user", { "a.nix": kept, "josh.nix": josh }), ["error margaret"]);
    const other = "{ users.users.margaret.extraGroups = [ ]; }";
    assert.deepEqual(await said("unknown-user", { "a.nix": kept, "josh.nix": josh, "margaret.nix": other }), []);
  });

  for (const [title, other] of [
    ["users are computed", "{ all, ... }: { users.users = all; }"],
    ["an import is not understood", "{ modules, ... }: { imports = modules; }"],
    ["Home Manager has the user", "{ home-manager.users.margaret = import ./home.nix; }"],
    ["Home Manager's users are put together", "{ all, ... }: { home-manager = { users = all; }; }"],
    ["a service has the name", "{ services.margaret.enable = true; }"],
  ] as const)
    test(`silent when ${title}`, async () => {
      const files = { "a.nix": kept, "josh.nix": josh, "other.nix": other };
      assert.deepEqual(await said("unknown-user", files), []);
    });

  test("silent where the host is not whole, and without paths", async () => {
    assert.deepEqual(await said("unknown-user", { "a.nix": kept, "josh.nix": josh }, false), []);
    const empty = persist(".users.margaret.directories = [ ];");
    assert.deepEqual(await said("unknown-user", { "a.nix": empty, "josh.nix": josh }), []);
  });
});

describe("rules that compare files of a host", () => {
  test("mixed-modules names the other file in both", async () => {
    const one = persist('.directories = [ "/srv" ];');
    const two = '{ preservation = { enable = true; preserveAt."/p".directories = [ "/srv" ]; }; }';
    assert.deepEqual(await said("mixed-modules", { "a.nix": one, "b.nix": two }), ['warning "/srv"']);
    assert.deepEqual(await said("mixed-modules", { "b.nix": two, "a.nix": one }), ['warning "/srv"']);
  });

  test("hides-declared-files takes the system's files from anywhere, and a user's for the same user only", async () => {
    const etc = '{ environment.etc."ssh/sshd_config".text = ""; }';
    const ssh = persist('.directories = [ "/etc/ssh" ];');
    assert.deepEqual(await said("hides-declared-files", { "a.nix": ssh, "b.nix": etc }), ['hint "/etc/ssh"']);
    const home = '{ home.file.".netrc".text = ""; }';
    const netrc = '{ home.persistence."/persist".files = [ ".netrc" ]; }';
    assert.deepEqual(await said("hides-declared-files", { "a.nix": netrc, "b.nix": home }), []);
  });

  test("preservation-defaults asks for the switch only where the host is whole", async () => {
    const used = '{ preservation.preserveAt."/p".directories = [ "/srv" ]; }';
    assert.equal((await said("preservation-defaults", { "a.nix": used })).length, 1);
    assert.deepEqual(await said("preservation-defaults", { "a.nix": used }, false), []);
    for (const other of [
      "{ preservation.enable = true; }",
      "{ x, ... }: { preservation = x; }",
      "{ x, ... }: { preservation.enable = x; }",
    ])
      assert.deepEqual(await said("preservation-defaults", { "a.nix": used, "b.nix": other }), [], other);
  });

  test("container-storage: a backend that is not known says nothing, Docker's has its own place", async () => {
    const volumes = '{ virtualisation.oci-containers.containers.a.volumes = [ "data:/x" ]; }';
    const found = (other: string) =>
      said("container-storage", { "a.nix": volumes, "base.nix": base, "other.nix": other });
    assert.equal((await found("{ }")).length, 1);
    assert.equal((await found('{ virtualisation.oci-containers.backend = "docker"; }')).length, 1);
    assert.deepEqual(await found("{ x, ... }: { virtualisation.oci-containers.backend = x; }"), []);
    assert.deepEqual(await found(persist('.directories = [ "/var/lib/containers" ];')), []);
    assert.deepEqual(await found('{ virtualisation.oci-containers.containers.a.podman.user = "app"; }'), []);
  });
});

describe("what the repository says elsewhere", () => {
  const withMention = async (code: string, text: string, mention: string) => {
    const context = {
      ...(await contextOf({ "a.nix": text })),
      mentionedElsewhere: (...words: readonly string[]) => words.some((word) => mention.includes(word)),
    };
    return checkFile(context).filter((finding) => finding.code === code).length;
  };

  for (const [code, text, mention] of [
    [
      "home-manager-v1",
      '{ home.persistence."/persist/home/josh".files = [ "x" ]; }',
      "github:x/impermanence/home-manager-v1",
    ],
    [
      "dynamic-user-state",
      persist('.directories = [ "/var/lib/private/n8n" ];'),
      '{ directory = "/var/lib/private"; }',
    ],
    [
      "preservation-defaults",
      '{ preservation = { enable = true; preserveAt."/p".directories = [ "/var/lib/nixos" ]; }; }',
      "services.userborn.enable = true;",
    ],
    [
      "service-state",
      '{ services.forgejo.enable = true; environment.persistence."/p".directories = [ "/var/log" ]; }',
      "/var/lib/forgejo",
    ],
    [
      "preservation-defaults",
      '{ preservation.preserveAt."/p".directories = [ "/srv" ]; }',
      "preservation.enable = true;",
    ],
    ["atomic-rewrite", persist('.files = [ "/etc/shadow" ];'), "services.userborn.enable = true;"],
  ] as const)
    test(`${code} is silent`, async () => {
      assert.equal(await withMention(code, text, ""), 1);
      assert.equal(await withMention(code, text, mention), 0);
    });

  test("home-manager-v1 is silent where the old impermanence is locked", async () => {
    const context = await contextOf({ "a.nix": '{ home.persistence."/persist/home/josh".files = [ "x" ]; }' });
    assert.deepEqual(
      checkFile(context).map(({ code, level }) => `${code} ${level}`),
      ["home-manager-v1 warning"],
    );
    assert.deepEqual(checkFile({ ...context, oldImpermanence: () => true }), []);
  });

  test("sensitive-mode is silent where the old impermanence is locked, whose Home Manager module has no modes", async () => {
    const context = await contextOf({ "a.nix": '{ home.persistence."/persist".directories = [ ".ssh" ]; }' });
    assert.deepEqual(
      checkFile(context).map(({ code }) => code),
      ["sensitive-mode"],
    );
    assert.deepEqual(checkFile({ ...context, oldImpermanence: () => true }), []);
  });
});
