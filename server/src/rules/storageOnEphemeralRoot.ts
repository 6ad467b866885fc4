import { isBelow, normalise } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { ephemeralRoot, mountsOn } from "./support/boot";
import { declaredOn } from "./support/declared";
import { definitionsAt } from "./support/hostOptions";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "storage-on-ephemeral-root",
  level: "warning",
  title: "A storage lies on the ephemeral root",
  doc: `The storage path must be, or lie in, a file system of its own: a disk, a subvolume, a dataset. Where it is only a folder of the root, it is wiped together with
the root at the next reboot, and all that was persisted is gone.

The rule speaks where a file says what makes the root ephemeral (a tmpfs, or a script in the initrd that wipes it), all file systems are known, and no file of
the host, or of the repository beside it, mentions the storage's path in any other way (disko's \`mountpoint\`, say).`,
  check,
  examples: [
    {
      title: "A folder of a tmpfs",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };
  fileSystems."/nix" = { device = "/dev/vg/nix"; fsType = "ext4"; };
  environment.persistence."/persist".directories = [ "/var/log" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ wiped at each boot
}
`,
    },
    {
      title: "A folder of a subvolume that is wiped",
      text: `{ lib, ... }:
{
  fileSystems."/" = { device = "/dev/vg/root"; fsType = "btrfs"; options = [ "subvol=root" ]; };
  boot.initrd.systemd.enable = false;
  boot.initrd.postResumeCommands = lib.mkAfter ''
    btrfs subvolume delete -R /mnt/root
    btrfs subvolume create /mnt/root
  '';
  preservation.preserveAt."/state" = {
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no file system of its own
    directories = [ "/var/log" ];
  };
}
`,
    },
    {
      title: "On file systems of their own",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };
  fileSystems."/nix" = { device = "/dev/vg/nix"; fsType = "ext4"; };
  fileSystems."/persist" = { device = "/dev/vg/persist"; fsType = "ext4"; neededForBoot = true; };
  environment.persistence."/persist".directories = [ "/var/log" ];
  environment.persistence."/nix/persist".directories = [ "/srv" ];
}
`,
    },
    {
      title: "A root that may well stay, and file systems that are not known",
      text: `{ x, ... }:
{
  fileSystems."/" = { device = "/dev/vg/root"; fsType = "ext4"; };
  environment.persistence."/persist".directories = [ "/var/log" ];
  disko.devices = x;
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const { host, file } = context;
  const ephemeral = file.persistence.blocks.length === 0 ? null : ephemeralRoot(host);
  if (ephemeral === null) return [];
  const first = ephemeral.definition;
  const mounts = mountsOn(host);
  if (mounts === null || !mounts.some(({ mountPoint }) => mountPoint === "/")) return [];
  if (definitionsAt(host, ["disko"]).length > 0 || host.some(({ persistence }) => persistence.facts.importsUnknown))
    return [];
  const told = new Set<string>();
  return declaredOn(context).flatMap(({ block, certain, file: where }): Problem[] => {
    if (where !== file || !certain || block.storagePath === null) return [];
    const storage = normalise(block.storagePath);
    if (told.has(storage)) return [];
    told.add(storage);
    const isOwn = mounts.some(
      ({ mountPoint }) => mountPoint !== "/" && (mountPoint === storage || isBelow(storage, mountPoint)),
    );
    if (isOwn || (!context.hostIsWhole && context.mentionedElsewhere(storage))) return [];
    return [
      {
        span: block.nameSpan,
        message: `The storage ${shown(storage)} has no file system of its own and lies on the root, which is wiped at each boot: all that is persisted here is lost. Put it on a file system that stays, with \`neededForBoot = true\`.`,
        related: [{ file: first.file.name, span: first.fact.span, message: "this makes the root ephemeral" }],
      },
    ];
  });
}
