import { isBelow, normalise } from "../persistence/paths";
import type { Level, Problem, Rule, RuleContext } from "./rule";
import { bootScripts, ephemeralRoot, isOnDisk, isWipe, type Mount, mountsOn } from "./support/boot";
import { type Declared, writtenIn } from "./support/declared";
import { isOn, optionOn } from "./support/hostOptions";
import { code, removeEntry, shown } from "./support/text";

export const rule: Rule = {
  id: "never-persist",
  level: "warning",
  title: "A path that should not be persisted, or is persistent already",
  doc: `- What lies in \`/proc\`, \`/sys\` and \`/dev\`: the kernel makes it. A mount from the storage hides it, and the host may not start.
- \`/run\` itself: systemd and others keep the state of the running system there before the mount appears and hides it. A path below it is a hint: what is in it
  is meant for one boot.
- \`/tmp\`, and what is below it: a hint, unless \`boot.tmp.cleanOnBoot\` is set. People persist it for its space, when the root is a tmpfs; then it should be emptied at boot.
  With \`boot.tmp.useTmpfs\` two mounts compete for the place.
- A path on a disk's file system of its own, such as a key below \`/boot\` where \`fileSystems."/boot"\` is declared: it survives reboots already. The mount hides what is
  there, the program that reads the path early (a boot loader, the initrd) does not see the storage's copy, and impermanence refuses the file system
  with an assertion unless it is \`neededForBoot\`. A hint for a list below any other file system, if the root is known to be ephemeral and no script wipes that one, too.

\`/nix\` is fine where it has no file system of its own. Nothing is said about \`"/"\`, which is what one types first.`,
  check,
  examples: [
    {
      title: "A key on the boot partition",
      text: `{
  fileSystems."/boot" = { device = "/dev/disk/by-label/BOOT"; fsType = "vfat"; };
  environment.persistence."/persist".files = [
    "/etc/machine-id"
    "/boot/keyfile_nvme0n1p1"
  # ^^^^^^^^^^^^^^^^^^^^^^^^^ is on the file system of "/boot"
  ];
}
`,
      fixed: `{
  fileSystems."/boot" = { device = "/dev/disk/by-label/BOOT"; fsType = "vfat"; };
  environment.persistence."/persist".files = [
    "/etc/machine-id"
  ];
}
`,
    },
    {
      title: "What the kernel makes, and what is meant for one boot",
      text: `{
  environment.persistence."/persist".directories = [
    "/dev/shm"
  # ^^^^^^^^^^ the kernel
    "/run"
  # ^^^^^^ the running system
    "/run/lock/x"
  # ^^^^^^^^^^^^^ one boot
    "/tmp"
  # ^^^^^^ boot.tmp.cleanOnBoot
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/run"
    "/run/lock/x"
    "/tmp"
  ];
}
`,
    },
    {
      title: "A home directory that no script wipes",
      text: `{
  fileSystems."/" = { device = "none"; fsType = "tmpfs"; options = [ "size=2G" "mode=755" ]; };
  fileSystems."/home" = { device = "/dev/vg/home"; fsType = "ext4"; neededForBoot = true; };
  environment.persistence."/persist".users.josh = {
    directories = [ "Documents" ".ssh" ];
  # ^^^^^^^^^^^ file system of "/home"
  };
}
`,
    },
    {
      title: "On purpose",
      text: `{
  boot.tmp.cleanOnBoot = true;
  environment.persistence."/persist".directories = [ "/tmp" "/nix" "/var/tmp" ];
}
`,
    },
    {
      title: "A home directory that is wiped as well",
      text: `{ lib, ... }:
{
  fileSystems."/home" = { device = "/dev/vg/root"; fsType = "btrfs"; options = [ "subvol=home" ]; neededForBoot = true; };
  boot.initrd.postResumeCommands = lib.mkAfter ''
    for volume in root home; do
      btrfs subvolume delete -R /mnt/$volume
    done
  '';
  environment.persistence."/persist".users.josh.directories = [ "Documents" ];
}
`,
    },
    {
      title: "A file system that is not known, or holds nothing",
      text: `{ config, ... }:
{
  fileSystems."/boot" = config.x.boot;
  fileSystems."/var/cache" = { device = "none"; fsType = "tmpfs"; };
  environment.persistence."/persist".directories = [ "/boot/x" "/var/cache/y" ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const candidates = writtenIn(context).filter(({ path, block }) => path !== null && block.enabled);
  if (candidates.length === 0) return [];
  const mounts = (mountsOn(context.host) ?? []).filter((mount) => mount.mountPoint !== "/" && isOnDisk(mount));
  const found: Problem[] = [];
  const told = new Set<number>();
  const emptied = mayBeEmptied(context);
  const tmpfs = isOn(context.host, ["boot", "tmp", "useTmpfs"]) === true;
  const keepsAll = keptBy(context);
  for (const declared of candidates) {
    const { path, entry, list } = declared;
    if (path === null) continue;
    const reason = list.scope.kind === "system" ? reasonAgainst(path, emptied, tmpfs) : null;
    if (reason !== null) {
      const fixes = removeEntry(context.file.text, entry);
      found.push({ span: entry.pathSpan, message: `${shown(path)} ${reason.text}`, level: reason.level, fixes });
      continue;
    }
    const mount = mounts.find(({ mountPoint }) => path === mountPoint || isBelow(path, mountPoint));
    if (mount === undefined || declared.entry.conditional) continue;
    if (/^\/(?:boot|efi|nix)(?:\/|$)/.test(mount.mountPoint))
      found.push(onOwnFileSystem(context, declared, path, mount));
    else if (keepsAll(mount) && !told.has(list.nameSpan.start)) {
      told.add(list.nameSpan.start);
      found.push({
        span: list.nameSpan,
        level: "hint",
        message: `${shown(path)} is on the file system of ${shown(mount.mountPoint)}, which survives reboots by itself as far as these files tell. A mount from the storage then only hides what is there; persist it, or keep the file system, but not both.`,
      });
    }
  }
  return found;
}

function onOwnFileSystem(
  { file }: RuleContext,
  { entry, block }: Declared,
  path: string,
  { mountPoint, settings }: Mount,
): Problem {
  const refused =
    block.module !== "preservation" && path !== mountPoint && !settings.has("neededForBoot")
      ? " Newer impermanence also refuses the file system, unless it is `neededForBoot`."
      : "";
  return {
    span: entry.pathSpan,
    message: `${shown(path)} is on the file system of ${shown(mountPoint)}, so it survives reboots already. What reads it early does not see the storage's copy.${refused} Remove it.`,
    fixes: removeEntry(file.text, entry),
  };
}

/** Why a path must not, or need not, be persisted, whatever else the host does. */
function reasonAgainst(path: string, emptied: () => boolean, tmpfs: boolean): { text: string; level: Level } | null {
  const within = (folder: string) => path === folder || isBelow(path, folder);
  if (["/proc", "/sys", "/dev"].some(within))
    return {
      text: "is made by the kernel at each boot, and a mount from the storage hides it. Remove it.",
      level: "warning",
    };
  const normal = normalise(path.replace(/^\/var\/run(?=\/|$)/, "/run"));
  if (normal === "/run")
    return {
      text: "holds the state of the running system, which a mount from the storage hides. Remove it.",
      level: "warning",
    };
  if (isBelow(normal, "/run"))
    return {
      text: "lies in `/run`, whose files are meant for one boot: programs that find older ones there may fail.",
      level: "hint",
    };
  if (!within("/tmp")) return null;
  if (tmpfs)
    return { text: `competes with \`boot.tmp.useTmpfs\` for ${code("/tmp")}. Keep one of the two.`, level: "warning" };
  if (emptied()) return null;
  return {
    text: "holds what programs need for one boot only. If it is persisted for the space, set `boot.tmp.cleanOnBoot = true`.",
    level: "hint",
  };
}

/** Whether `/tmp` is emptied at boot, as far as any file may say. */
function mayBeEmptied(context: RuleContext): () => boolean {
  return () => {
    const option = optionOn(context.host, ["boot", "tmp", "cleanOnBoot"]);
    if (option.kind === "unset") return !context.hostIsWhole && context.mentionedElsewhere("cleanOnBoot");
    return option.kind === "unknown" || option.value.kind !== "bool" || option.value.value;
  };
}

/** Whether nothing wipes a file system: the root's way is known, and no script of it speaks of this one. */
function keptBy({ host }: RuleContext): (mount: Mount) => boolean {
  let wipes: readonly string[] | null | undefined;
  return ({ mountPoint, settings }) => {
    if (wipes === undefined)
      wipes =
        ephemeralRoot(host) === null
          ? null
          : bootScripts(host)
              .filter(isWipe)
              .map((script) => script.code);
    const options = (settings.get("options") ?? []).map(({ file, fact }) =>
      file.text.slice(fact.span.start, fact.span.end),
    );
    const subvolume = /subvol=\/?@?([\w.-]+)/.exec(options.join(" "))?.[1];
    const names = [mountPoint.split("/").pop() ?? "", ...(subvolume === undefined ? [] : [subvolume])];
    return wipes !== null && !wipes.some((text) => names.some((name) => text.includes(name)));
  };
}
