import type { Problem, Rule, RuleContext } from "./rule";
import { bootScripts, ephemeralRoot, isWipe } from "./support/boot";
import { childrenProblem, snapshotProblem } from "./support/wipeCommands";
import { hookProblems } from "./support/wipeHooks";
import { serviceProblems } from "./support/wipeServices";

export const rule: Rule = {
  id: "wipe-hook",
  level: "warning",
  title: "The root is not wiped, or not safely",
  doc: `Judged are scripts of the initrd that make the root new: \`btrfs subvolume …\`, \`bcachefs subvolume …\`, \`zfs rollback\`.

- \`boot.initrd.postDeviceCommands\` and the other hooks belong to the scripted initrd. With \`boot.initrd.systemd.enable = true\` an assertion refuses them
  (an error); from NixOS 26.05 on that is the default (a hint, where nothing is set). Use a service in \`boot.initrd.systemd.services\`.
- \`postDeviceCommands\` and what runs earlier run before the host resumes from hibernation: the system that comes back then works on a file system that was changed
  below it, and destroys it. ZFS pools are not imported there any more since NixOS 24.11, so that \`zfs rollback\` fails. Use \`postResumeCommands\`.
  With a nixpkgs that is locked before, the latter is a hint.
  A hint for btrfs and bcachefs where nothing speaks of hibernation.
- \`postMountCommands\` run when the root is mounted: a script that deletes its subvolume takes it away from the host that is starting.
- Without \`lib.mkAfter\` the script may stand before the commands that import the pool (ZFS) or open the device.
- \`btrfs subvolume delete\` fails for a subvolume with others inside. systemd makes such ones in a root on btrfs (\`/var/lib/portables\`, \`/var/lib/machines\`), so
  that the second boot no longer wipes. Delete them first, or write \`-R\` (btrfs-progs 6.12 and later).
- Old roots that are moved or copied into what is wiped are wiped with it.
- A service needs \`before = [ "sysroot.mount" ]\`, else the root may be mounted when it is wiped; something in \`after\` or \`requires\`, else the device may not be there yet;
  and \`wantedBy\` or \`requiredBy\`, else nothing starts it.`,
  check,
  examples: [
    {
      title: "The usual script, with its children forgotten",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    mkdir -p /mnt
    mount -o subvol=/ /dev/disk/by-label/nixos /mnt
    btrfs subvolume delete /mnt/@root
  # ^^^^^^^^^^^^^^^^^^^^^^^ subvolumes inside
    btrfs subvolume create /mnt/@root
    umount /mnt
  '';
}
`,
      fixed: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    mkdir -p /mnt
    mount -o subvol=/ /dev/disk/by-label/nixos /mnt
    btrfs subvolume delete -R /mnt/@root
    btrfs subvolume create /mnt/@root
    umount /mnt
  '';
}
`,
    },
    {
      title: "Before the host resumes, and before the pool is there",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postDeviceCommands = lib.mkAfter ''
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ NixOS 24.11
    zfs rollback -r rpool/local/root@blank
  '';
}
`,
      fixed: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    zfs rollback -r rpool/local/root@blank
  '';
}
`,
    },
    {
      title: "When the root is mounted, and with children",
      text: `{ lib, ... }:
{
  boot.initrd.postMountCommands = lib.mkAfter ''
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ when the root is mounted
    mount -o subvol=/ /dev/disk/by-label/NIXROOT /btrfs_tmp
    btrfs subvolume delete /btrfs_tmp/@root || true
  # ^^^^^^^^^^^^^^^^^^^^^^^ subvolumes inside
    btrfs subvolume snapshot /btrfs_tmp/@snapshots/root-empty /btrfs_tmp/@root
    umount /btrfs_tmp
  '';
  boot.initrd.systemd.enable = false;
}
`,
      fixed: `{ lib, ... }:
{
  boot.initrd.postResumeCommands = lib.mkAfter ''
    mount -o subvol=/ /dev/disk/by-label/NIXROOT /btrfs_tmp
    btrfs subvolume delete /btrfs_tmp/@root || true
    btrfs subvolume snapshot /btrfs_tmp/@snapshots/root-empty /btrfs_tmp/@root
    umount /btrfs_tmp
  '';
  boot.initrd.systemd.enable = false;
}
`,
    },
    {
      title: "A hook of the scripted initrd under systemd's",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.enable = true;
  boot.initrd.postResumeCommands = lib.mkAfter ''
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ assertion
    zfs rollback -r rpool/local/root@blank
  '';
}
`,
    },
    {
      title: "Without an order",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = ''
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lib.mkAfter
    zfs rollback -r rpool/local/root@blank
  '';
}
`,
      fixed: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    zfs rollback -r rpool/local/root@blank
  '';
}
`,
    },
    {
      title: "A service that may run when the root is mounted",
      text: `{
  boot.initrd.systemd.services.rollback = {
    wantedBy = [ "initrd.target" ];
    after = [ "zfs-import-rpool.service" ];
    script = "zfs rollback -r rpool/local/root@blank";
  # ^^^^^^ sysroot.mount
  };
}
`,
      fixed: `{
  boot.initrd.systemd.services.rollback = {
    wantedBy = [ "initrd.target" ];
    after = [ "zfs-import-rpool.service" ];
    before = [ "sysroot.mount" ];
    script = "zfs rollback -r rpool/local/root@blank";
  };
}
`,
    },
    {
      title: "Old roots inside the root",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    btrfs subvolume snapshot /mnt/root /mnt/root/old
  # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ wiped with it
    btrfs subvolume delete -R /mnt/root
    btrfs subvolume create /mnt/root
  '';
}
`,
    },
    {
      title: "Children first, after resuming",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    delete_subvolume_recursively() {
      for i in $(btrfs subvolume list -o "$1" | cut -f 9- -d ' '); do
        delete_subvolume_recursively "/mnt/$i"
      done
      btrfs subvolume delete "$1"
    }
    delete_subvolume_recursively /mnt/root
    btrfs subvolume create /mnt/root
  '';
}
`,
    },
    {
      title: "The way of hosts with the other initrd",
      text: `{ config, lib, ... }:
{
  config = lib.mkMerge [
    (lib.mkIf config.modern { boot.initrd.systemd.enable = true; })
    { boot.initrd.postDeviceCommands = lib.mkIf (!config.boot.initrd.systemd.enable) (lib.mkAfter "zfs rollback -r tank/root@blank"); }
  ];
}
`,
    },
    {
      title: "A cache beside a root in memory",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; };
  boot.initrd.systemd.services.empty-cache = {
    wantedBy = [ "initrd.target" ];
    after = [ "cryptsetup.target" ];
    before = [ "initrd-fs.target" ];
    script = "btrfs subvolume delete /mnt/cache";
  };
}
`,
    },
    {
      title: "A script in the place of another module's",
      text: `{ lib, ... }:
{
  boot.initrd.systemd.services.rollback.script = lib.mkForce "zfs rollback -r tank/root@blank";
}
`,
    },
    {
      title: "Settings whose names are computed",
      text: `{ lib, names, ... }:
{
  boot.initrd.systemd.enable = false;
  boot.kernelParams = [ "nohibernate" ];
  boot.initrd.postDeviceCommands = lib.mkAfter "btrfs subvolume delete -R /mnt/root";
  imports = [ (lib.genAttrs names (name: { \${name} = names.\${name}; })) ];
}
`,
    },
    {
      title: "One way for either initrd",
      text: `{ config, lib, ... }:
let
  wipe = "zfs rollback -r rpool/local/root@blank";
in
{
  boot.initrd.postResumeCommands = lib.mkIf (!config.boot.initrd.systemd.enable) (lib.mkAfter wipe);
  boot.initrd.systemd.services.rollback = lib.mkIf config.boot.initrd.systemd.enable {
    requiredBy = [ "initrd.target" ];
    requires = [ "zfs-import-rpool.service" ];
    after = [ "zfs-import-rpool.service" ];
    before = [ "sysroot.mount" ];
    script = wipe;
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const own = bootScripts([context.file]).filter(({ code: text }) => text.trim() !== "");
  if (own.length === 0) return [];
  return own.flatMap((script) => {
    const place = script.hook === null ? [] : hookProblems(context, script, script.hook);
    if (!isWipe(script)) return place;
    const { text } = context.file;
    // Beside a root in memory it is another file system that is wiped, and that may happen later.
    if (ephemeralRoot(context.host)?.kind === "tmpfs") return place;
    const service = script.hook === null ? serviceProblems(context, script) : [];
    return [...place, ...service, ...childrenProblem(text, script), ...snapshotProblem(text, script)];
  });
}
