import { isBelow, normalise } from "../persistence/paths";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { mountsOn } from "./support/boot";
import { type Declared, declaredOn } from "./support/declared";
import { isSure } from "./support/hostOptions";
import { eolOf } from "./support/lines";
import { safely, shown } from "./support/text";

export const rule: Rule = {
  id: "ephemeral-not-needed-for-boot",
  level: "error",
  title: "A file system lacks neededForBoot",
  doc: `impermanence needs the file system of a storage while the host boots, and also every other one that a persisted path lies in. An assertion refuses those
without \`neededForBoot = true\`; for file systems above a persisted path since January 2026. Before that they were mounted too late: the host came up with
empty folders, and what programs wrote there was hidden when the mounts appeared.

This rule is for file systems that do not say anything about it (\`storage-not-needed-for-boot\` is for those that say \`false\`). It speaks only where all files of
the host are known, or no other file of the repository mentions \`neededForBoot\`.`,
  check,
  examples: [
    {
      title: "The storage",
      text: `{
  fileSystems."/persist" = {
# ^^^^^^^^^^^^^^^^^^^^^^^^^^ neededForBoot = true
    device = "/dev/vg/persist";
    fsType = "ext4";
  };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      fixed: `{
  fileSystems."/persist" = {
    device = "/dev/vg/persist";
    fsType = "ext4";
    neededForBoot = true;
  };
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "Home directories, on one line",
      text: `{
  users.users.josh.home = "/home/josh";
  fileSystems."/home" = { device = "/dev/vg/home"; fsType = "ext4"; };
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lies in it
  environment.persistence."/persist".users.josh.directories = [ ".ssh" ];
}
`,
      fixed: `{
  users.users.josh.home = "/home/josh";
  fileSystems."/home" = { device = "/dev/vg/home"; fsType = "ext4"; neededForBoot = true; };
  environment.persistence."/persist".users.josh.directories = [ ".ssh" ];
}
`,
    },
    {
      title: "Stated, not known, or early anyway",
      text: `{ x, ... }:
{
  fileSystems."/persist" = { device = "/dev/vg/persist"; neededForBoot = true; };
  fileSystems."/home" = { device = "/dev/vg/home"; neededForBoot = x; };
  fileSystems."/srv" = x // { device = "/dev/vg/srv"; };
  fileSystems."/var/lib" = { device = "/dev/vg/lib"; fsType = "ext4"; };
  environment.persistence."/persist".directories = [ "/home/josh/.ssh" "/srv/x" "/var/lib/nixos" ];
}
`,
    },
    {
      title: "preservation makes no such demand",
      text: `{
  fileSystems."/persist" = { device = "/dev/vg/persist"; };
  preservation.preserveAt."/persist".directories = [ "/var/log" ];
}
`,
    },
  ],
};

/** nixpkgs mounts these early by itself. */
const early = new Set(["/", "/nix", "/nix/store", "/var", "/var/log", "/var/lib", "/var/lib/nixos", "/etc", "/usr"]);

function check(context: RuleContext): Problem[] {
  const mounts = mountsOn(context.host);
  const silent = (mounts ?? []).filter(
    ({ mountPoint, settings, whole }) => whole && !early.has(mountPoint) && !settings.has("neededForBoot"),
  );
  if (silent.length === 0) return [];
  const declared = declaredOn(context).filter(({ block, certain }) => certain && block.module !== "preservation");
  return silent.flatMap((mount): Problem[] => {
    const [first] = [...mount.settings.values()].flat().sort((a, b) => a.fact.span.start - b.fact.span.start);
    if (first === undefined || first.file !== context.file || !mount.settings.has("device")) return [];
    if (![...mount.settings.values()].flat().every(isSure)) return [];
    const need = declared.find((one) => needs(one, mount.mountPoint));
    const fact = context.file.persistence.facts.fileSystems.find(
      ({ mountPoint }) => normalise(mountPoint) === mount.mountPoint,
    );
    if (need === undefined || fact === undefined) return [];
    if (!context.hostIsWhole && context.mentionedElsewhere("neededForBoot")) return [];
    const isStorage = isOfStorage(need, mount.mountPoint);
    const fixes = addition(context.file.text, fact.span);
    const why = isStorage ? "holds a storage" : `${shown(need.path ?? need.entry.written)} lies in it and is persisted`;
    return [
      {
        span: fact.span,
        message: `The file system of ${shown(mount.mountPoint)} ${isStorage ? why : `must be there early, since ${why}`}: set \`neededForBoot = true\`, which impermanence demands with an assertion.`,
        ...(isStorage || !context.oldImpermanence() ? {} : { level: "warning" as const }),
        fixes: isStorage ? safely(fixes) : fixes,
        related: [{ file: need.file.name, span: need.entry.span, message: "this path is persisted" }],
      },
    ];
  });
}

function isOfStorage({ block }: Declared, mountPoint: string): boolean {
  return block.storagePath !== null && normalise(block.storagePath) === mountPoint;
}

function needs(declared: Declared, mountPoint: string): boolean {
  if (isOfStorage(declared, mountPoint)) return true;
  return declared.path !== null && !declared.assumed && isBelow(declared.path, mountPoint);
}

/** Another option at the end of a set that the binding writes out. */
function addition(text: string, { start, end }: { readonly start: number; readonly end: number }): Fix[] {
  const binding = text.slice(start, end);
  if (!/^[^={]*=\s*\{/.test(binding) || !/\}\s*;$/.test(binding) || binding.includes("#")) return [];
  const close = binding.lastIndexOf("}");
  const inside = binding.slice(0, close).trimEnd();
  if (!inside.endsWith(";")) return [];
  const indent = /\n([ \t]*)[^\n]*$/.exec(inside)?.[1];
  const isSpread = indent !== undefined && binding.slice(inside.length, close).includes("\n");
  const at = { start: start + inside.length, end: start + inside.length };
  const added = isSpread ? `${eolOf(text)}${indent}neededForBoot = true;` : " neededForBoot = true;";
  return [{ title: "Add `neededForBoot = true`", edits: [{ span: at, text: added }] }];
}
