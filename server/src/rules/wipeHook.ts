import type { Problem, Rule, RuleContext } from "./rule";
import { type BootScript, bootScripts, isWipe } from "./support/boot";
import { definitionsAt, isOn, optionOn } from "./support/hostOptions";
import { code, shown } from "./support/text";
import { childrenProblem, snapshotProblem } from "./support/wipeCommands";
import { renameHook, serviceProblems, wrapInMkAfter } from "./support/wipePlaces";

export const rule: Rule = {
  id: "wipe-hook",
  level: "warning",
  title: "The root is not wiped, or not safely",
  doc: `Judged are scripts of the initrd that make the root new: \`btrfs subvolume …\`, \`bcachefs subvolume …\`, \`zfs rollback\`.

- \`boot.initrd.postDeviceCommands\` and the other hooks belong to the scripted initrd. With \`boot.initrd.systemd.enable = true\` an assertion refuses them
  (an error); from NixOS 26.05 on that is the default (a hint, where nothing is set). Use a service in \`boot.initrd.systemd.services\`.
- \`postDeviceCommands\` and what runs earlier run before the host resumes from hibernation: the system that comes back then works on a file system that was changed
  below it, and destroys it. ZFS pools are not imported there any more since NixOS 24.11, so that \`zfs rollback\` fails. Use \`postResumeCommands\`.
  A hint for btrfs and bcachefs where nothing speaks of hibernation.
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
    const service = script.hook === null ? serviceProblems(context, script) : [];
    return [...place, ...service, ...childrenProblem(text, script), ...snapshotProblem(text, script)];
  });
}

/** What is wrong with the hook a script stands in; the first that is, since the others go with it. */
function hookProblems(context: RuleContext, script: BootScript, hook: string): Problem[] {
  const { definition } = script;
  const { file, host } = context;
  const { fact } = definition;
  const written = renameHook(file.text, fact, hook);
  const problem = (message: string, rest: Partial<Problem> = {}): Problem[] => [
    { span: written.span, message, ...rest },
  ];
  const initrd = ["boot", "initrd", "systemd", "enable"];
  const systemd = isOn(host, initrd);
  if (systemd === true && fact.certain && fact.value.kind !== "list")
    return problem(
      `\`boot.initrd.${hook}\` belongs to the scripted initrd: under \`boot.initrd.systemd.enable = true\` an assertion refuses it. Make it a service in \`boot.initrd.systemd.services\`.`,
      { level: "error" },
    );
  if (!isWipe(script)) return [];
  const zfs = /\bzfs["}]? +rollback\b/.test(script.code);
  const early = ["preDeviceCommands", "preLVMCommands", "postDeviceCommands"].includes(hook);
  if (early && zfs && !/\bzpool["}]? +import\b/.test(script.code))
    return problem(
      `From NixOS 24.11 on, ZFS pools are imported after ${code(hook)}: \`zfs rollback\` then fails here, and the root is not wiped. Use \`postResumeCommands\`.`,
      { fixes: written.fixes },
    );
  if (early && hibernates(context))
    return problem(
      `${code(hook)} runs before the host resumes from hibernation. The system that comes back then works on a root that was wiped below it, and destroys the file system. Use \`postResumeCommands\`.`,
      { fixes: written.fixes },
    );
  if (zfs && (fact.order === null || fact.order === "before"))
    return problem(
      `Without \`lib.mkAfter\` the rollback may stand before the commands that import the pool; then it fails and the root is not wiped.`,
      { fixes: fact.order === null ? wrapInMkAfter(file.text, fact) : [] },
    );
  if (early && mayHibernate(context))
    return problem(
      `${code(hook)} runs before a hibernated host resumes, and wiping the root below it destroys the file system. \`postResumeCommands\` is the safe place.`,
      { level: "hint", fixes: written.fixes },
    );
  const unset = systemd === null && optionOn(host, initrd).kind === "unset" && fact.certain;
  if (unset && (context.hostIsWhole || !context.mentionedElsewhere("initrd")))
    return problem(
      `From NixOS 26.05 on the initrd is systemd's unless \`boot.initrd.systemd.enable\` is \`false\`, and ${shown(hook).slice(1, -1)} is then refused. Set the option, or make this a service in \`boot.initrd.systemd.services\`.`,
      { level: "hint" },
    );
  return [];
}

/** The configuration prepares hibernation. */
function hibernates({ host }: RuleContext): boolean {
  return definitionsAt(host, ["boot", "resumeDevice"]).some(
    ({ fact }) => !(fact.value.kind === "string" && fact.value.text === ""),
  );
}

/** Nothing says that the host never hibernates. */
function mayHibernate({ host }: RuleContext): boolean {
  return !host.some(({ text }) =>
    /\bnohibernate\b|protectKernelImage\s*=\s*true|allowHibernation\s*=\s*false/.test(text),
  );
}
