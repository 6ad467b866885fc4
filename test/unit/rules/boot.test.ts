import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkFile } from "../../../server/src/rules/index";
import type { RuleContext } from "../../../server/src/rules/rule";
import { contextOf } from "./support";

type Around = Partial<Pick<RuleContext, "hostIsWhole" | "mentionedElsewhere" | "oldImpermanence" | "oldNixpkgs">>;

/** What is said about the first file: rule, level and the text. Rules that are `not` looked for are left out. */
async function said(files: Readonly<Record<string, string>>, around: Around = {}): Promise<string[]> {
  const context = { ...(await contextOf(files)), ...around };
  return checkFile(context)
    .filter(({ code }) => !["missing-essential", "covered-by-parent"].includes(code))
    .map(({ code, level, span }) => `${code} ${level} ${context.file.text.slice(span.start, span.end).split("\n")[0]}`);
}

const unknownHost: Around = { hostIsWhole: false, mentionedElsewhere: () => true };
const tmpfsRoot = `fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };`;
const wipe = "btrfs subvolume delete -R /mnt/root\n btrfs subvolume create /mnt/root";

describe("wipe-hook over several files", () => {
  const hook = `{ lib, ... }: { boot.initrd.postResumeCommands = lib.mkAfter ''${wipe}''; }`;
  for (const [title, other, expected] of [
    [
      "refused under systemd's initrd",
      "{ boot.initrd.systemd.enable = true; }",
      ["wipe-hook error boot.initrd.postResumeCommands"],
    ],
    ["forced off", "{ lib, ... }: { boot.initrd.systemd.enable = lib.mkForce false; }", []],
    ["not known", "{ x, ... }: { boot.initrd.systemd.enable = x; }", []],
    ["nobody says", "{ }", ["wipe-hook hint boot.initrd.postResumeCommands"]],
  ] as const)
    test(`initrd ${title}`, async () => {
      assert.deepEqual(await said({ "wipe.nix": hook, "host.nix": other }), expected);
    });

  test("nothing about a default where another file may set it", async () => {
    assert.deepEqual(await said({ "wipe.nix": hook }, unknownHost), []);
  });

  test("hibernation makes a hint a warning", async () => {
    const early = hook.replace("postResume", "postDevice");
    const off = "boot.initrd.systemd.enable = false;";
    const levels = async (rest: string) =>
      (await said({ "wipe.nix": early, "host.nix": `{ ${off} ${rest} }` })).map((line) => line.split(" ")[1]);
    assert.deepEqual(await levels('boot.resumeDevice = "/dev/vg/swap";'), ["warning"]);
    assert.deepEqual(await levels(""), ["hint"]);
    assert.deepEqual(await levels('boot.kernelParams = [ "nohibernate" ];'), []);
  });

  for (const [title, service, expected] of [
    ["the other half in another file", `wantedBy = [ "initrd.target" ]; after = [ "dev-x.device" ];`, 0],
    ["nothing starts it", `after = [ "dev-x.device" ];`, 1],
    ["nothing it waits for", `wantedBy = [ "initrd.target" ];`, 1],
    ["neither", "", 2],
  ] as const)
    test(`a service: ${title}`, async () => {
      const text = `{ boot.initrd.systemd.services.rollback = { before = [ "sysroot.mount" ]; script = ''${wipe}''; }; }`;
      const other = `{ boot.initrd.systemd.services.rollback = { ${service} description = "x"; }; }`;
      assert.equal((await said({ "wipe.nix": text, "host.nix": other })).length, expected);
    });

  test("a service that is put together says nothing", async () => {
    const text = `{ x, ... }: { boot.initrd.systemd.services.rollback = { script = ''${wipe}''; } // x; }`;
    assert.deepEqual(await said({ "wipe.nix": text }), []);
  });

  test("a condition that is not about the initrd changes nothing", async () => {
    const hook = "boot.initrd.postDeviceCommands = lib.mkAfter ''btrfs subvolume delete -R /mnt/root'';";
    const text = `{ lib, x, ... }: { config = lib.mkIf x.wipe { ${hook} boot.resumeDevice = "/dev/sda2"; }; }`;
    const other = "{ lib, x, ... }: { boot.initrd.systemd.enable = lib.mkIf x.secure true; }";
    assert.deepEqual(await said({ "wipe.nix": text, "secure.nix": other }), [
      "wipe-hook warning boot.initrd.postDeviceCommands",
    ]);
  });

  test("comments are no commands", async () => {
    const text = "{ boot.initrd.postDeviceCommands = ''\n # btrfs subvolume delete /mnt/root\n echo\n''; }";
    assert.deepEqual(await said({ "x.nix": text }), []);
  });
});

describe("what another file may say", () => {
  const storage = `{ ${tmpfsRoot} environment.persistence."/persist".directories = [ "/var/log" ]; }`;
  const late = `{ fileSystems."/persist" = { device = "x"; fsType = "ext4"; }; environment.persistence."/persist".directories = [ "/srv/x" ]; }`;
  const boot = `{ fileSystems."/boot" = { device = "x"; fsType = "vfat"; }; environment.persistence."/persist".files = [ "/boot/key" ]; }`;
  for (const [title, text, around, expected] of [
    ["a storage on a tmpfs", storage, {}, ['storage-on-ephemeral-root warning environment.persistence."/persist"']],
    ["a storage that is mentioned elsewhere", storage, unknownHost, []],
    [
      "a storage mounted late",
      late,
      {},
      ['ephemeral-not-needed-for-boot error fileSystems."/persist" = { device = "x"; fsType = "ext4"; };'],
    ],
    ["neededForBoot elsewhere", late, unknownHost, []],
    ["a key on /boot needs no other file", boot, unknownHost, ['never-persist warning "/boot/key"']],
    [
      "a rollback of ZFS with an older nixpkgs",
      `{ lib, ... }: { boot.initrd.systemd.enable = false; boot.initrd.postDeviceCommands = lib.mkAfter "zfs rollback -r a/b@blank"; }`,
      { oldNixpkgs: () => true },
      ["wipe-hook hint boot.initrd.postDeviceCommands"],
    ],
    [
      "the idiom of older impermanence",
      `{ fileSystems."/etc/ssh".neededForBoot = true; environment.persistence."/persist".directories = [ "/etc/ssh" ]; }`,
      { oldImpermanence: () => true },
      [],
    ],
  ] as const)
    test(title, async () => {
      const found = (await said({ "host.nix": text }, around)).filter(
        (line) => !/never-persist.*"\/boot\/key"/.test(line) || text === boot,
      );
      const wanted = text === boot ? found.filter((line) => line.startsWith("never-persist")) : found;
      assert.deepEqual(wanted, expected);
    });

  test("a mount in another file", async () => {
    const other = `{ fileSystems."/persist" = { device = "x"; fsType = "ext4"; neededForBoot = true; }; }`;
    assert.deepEqual(await said({ "host.nix": storage, "disks.nix": other }), []);
  });

  test("a key persisted by another file", async () => {
    const secrets = `{ age.identityPaths = [ "/etc/ssh/key" ]; }`;
    const other = `{ environment.persistence."/persist".directories = [ "/etc/ssh" ]; }`;
    assert.deepEqual(await said({ "secrets.nix": secrets, "host.nix": other }), [
      'secrets-before-mounts warning "/etc/ssh/key"',
    ]);
    assert.deepEqual(await said({ "secrets.nix": secrets }), []);
    const mounted = `{ fileSystems."/etc/ssh" = { device = "/persist/etc/ssh"; options = [ "bind" ]; neededForBoot = true; }; }`;
    assert.deepEqual(await said({ "secrets.nix": secrets, "host.nix": other, "disks.nix": mounted }), []);
  });

  test("nobody without a password where others may have one", async () => {
    const text = `{ ${tmpfsRoot} users.users.josh = { isNormalUser = true; }; }`;
    assert.deepEqual(await said({ "host.nix": text }), ["password-lockout warning isNormalUser = true;"]);
    assert.deepEqual(await said({ "host.nix": text }, unknownHost), []);
    assert.deepEqual(
      await said({ "host.nix": text, "ssh.nix": "{ users.users.josh.openssh.authorizedKeys.keys = [ ]; }" }),
      [],
    );
  });
});
