import { coverageOf, covers } from "../persistence/coverage";
import { persistEdits } from "../persistence/edit";
import type { StorageBlock } from "../persistence/model";
import { isBelow, normalise } from "../persistence/paths";
import type { PersistTarget } from "../persistence/target";
import type { Fix, Problem, Rule, RuleContext, SourceFile } from "./rule";
import { type Declared, declaredOn } from "./support/declared";
import { type Essential, essentials } from "./support/essentials";
import { isOpen, usualKept } from "./support/kept";

export const rule: Rule = {
  id: "missing-essential",
  level: "warning",
  title: "A path nearly every host needs is not persisted",
  doc: `- \`/var/lib/nixos\` remembers which user and group ids were given out. Without it they may change at a reboot, and persisted files
  belong to someone else. This is a warning, as it is in impermanence.
- \`/etc/machine-id\`, where \`/var/log\` is persisted: the journal lies in a folder named by this id. With a new id at each boot,
  \`journalctl\` no longer shows earlier boots. This is a hint.
- \`/var/log\`: without it nothing tells afterwards why a host went down. This is a hint.

All files of a host are judged together. The rule speaks only where the host already persists some of the usual system paths (two, where it
is not known which modules the host has; then only the warning is given), and is silent where an import or a list has parts that are not understood, where a parent or a file system of its own covers the path, and where the path is
mentioned in any other way, as in a comment, or by another file of the repository that may belong to the host.`,
  check,
  examples: [
    {
      title: "Without the ids of users and groups",
      text: `{
  environment.persistence."/persist" = {
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "/var/lib/nixos" is not persisted
    directories = [ "/var/lib/bluetooth" "/var/log" ];
    files = [ "/etc/machine-id" ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [ "/var/lib/bluetooth" "/var/lib/nixos" "/var/log" ];
    files = [ "/etc/machine-id" ];
  };
}
`,
    },
    {
      title: "Logs without the machine's id, with dotted names in preservation",
      text: `{
  preservation.preserveAt."/persist".directories = [ "/var/lib/nixos" "/var/log" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ set \`inInitrd = true\`
}
`,
    },
    {
      title: "Without logs, in the larger of two blocks",
      text: `{
  environment.persistence."/cache".directories = [ "/var/cache" ];
  environment.persistence = {
    "/persist".files = [ "/etc/machine-id" ];
    "/persist".directories = [ "/var/lib/bluetooth" "/var/lib/nixos" ];
  # ^^^^^^^^^^ "/var/log" is not persisted
  };
}
`,
      fixed: `{
  environment.persistence."/cache".directories = [ "/var/cache" ];
  environment.persistence = {
    "/persist".files = [ "/etc/machine-id" ];
    "/persist".directories = [ "/var/lib/bluetooth" "/var/lib/nixos" "/var/log" ];
  };
}
`,
    },
    {
      title: "A module that adds the state of one service",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/forgejo" ];
}
`,
    },
    {
      title: "Covered by parents and mount points",
      text: `{
  fileSystems."/var/log" = { device = "/dev/vg/log"; fsType = "ext4"; };
  environment.persistence."/persist" = {
    directories = [ "/var/lib" ];
    files = [ "/etc/machine-id" "/etc/ssh/ssh_host_ed25519_key" ];
  };
}
`,
    },
    {
      title: "Lists that are not understood completely",
      text: `{ config, ... }:
{
  environment.persistence."/persist".directories = [ "/var/log" ] ++ config.persist.directories;
}
`,
    },
    {
      title: "A path left out on purpose",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/lib/nixos"
    "/etc/ssh"
    # "/var/log" is sent to another host
  ];
}
`,
    },
    {
      title: "Paths of users alone",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ ".ssh" "Documents" ];
}
`,
    },
    {
      title: "A storage that is not in use",
      text: `{
  environment.persistence."/persist" = {
    enable = false;
    directories = [ "/var/log" ];
  };
}
`,
    },
  ],
};

/**
 * Whether the host is set up here, and not only extended by a service's module. Where other modules may exist that are not known,
 * a single usual path does not tell: modules for logs or for ssh persist just that.
 */
function isSetUpHere(kept: readonly string[], { hostIsWhole, standsAlone }: RuleContext): boolean {
  return usualKept(kept) >= (hostIsWhole || standsAlone() ? 1 : 2);
}

function check(context: RuleContext): Problem[] {
  const { host, file } = context;
  const withBlocks = host.filter(({ persistence }) => persistence.blocks.length > 0);
  if (withBlocks.some(isOpen)) return [];
  const declared = declaredOn(context);
  const kept = declared.filter(({ certain }) => certain).flatMap(({ path }) => path ?? []);
  if (host.some(({ persistence }) => persistence.facts.importsUnknown) || !isSetUpHere(kept, context)) return [];
  const block = mainBlock(declared);
  if (block === null || block.file !== file) return [];
  return essentials
    .filter(({ path, onlyWith, level }) => {
      // A hint is not worth a doubt: another module, not known, may well persist it.
      if (level === "hint" && !context.hostIsWhole) return false;
      if (onlyWith !== undefined && !onlyWith.some((needed) => kept.includes(needed))) return false;
      if (isCovered(path, declared, host) || isEvaluated(path, context) || host.some(({ text }) => text.includes(path)))
        return false;
      return context.hostIsWhole || !context.mentionedElsewhere(path);
    })
    .map((essential) => {
      const early = block.block.module === "preservation" && essential.early;
      return {
        span: block.block.nameSpan,
        message: early ? `${essential.message} In preservation, set \`inInitrd = true\` on it.` : essential.message,
        level: essential.level,
        fixes: early ? [] : additions(context, essential),
      };
    });
}

/** The fix that adds the path where a person would write it; none where that is not in this file. */
function additions({ host, file }: RuleContext, { path, kind }: Essential): Fix[] {
  const target: PersistTarget = { path, kind, user: null, group: null, mode: null, homeOf: null };
  const { edits } = persistEdits([file, ...host.filter((other) => other !== file)], [target]);
  const here = edits.get(file.name);
  return here === undefined || edits.size !== 1 ? [] : [{ title: `Add "${path}"`, edits: here }];
}

/** The system's block with most entries that surely take effect, the first of those of equal size. */
function mainBlock(declared: readonly Declared[]): { readonly file: SourceFile; readonly block: StorageBlock } | null {
  const sizes = new Map<StorageBlock, { file: SourceFile; block: StorageBlock; size: number }>();
  for (const { certain, list, block, file } of declared) {
    if (!certain || list.scope.kind !== "system") continue;
    const known = sizes.get(block) ?? { file, block, size: 0 };
    sizes.set(block, { ...known, size: known.size + 1 });
  }
  let main: { file: SourceFile; block: StorageBlock; size: number } | null = null;
  for (const candidate of sizes.values()) if (main === null || candidate.size > main.size) main = candidate;
  return main;
}

/** Whether a host the file is a part of keeps the path, in whatever way its modules come to it. */
function isEvaluated(path: string, { evaluated }: RuleContext): boolean {
  return evaluated.some(({ storages }) => covers(coverageOf([{ blocks: storages }]), path));
}

/** Conditional entries count: the path was thought of. The root file system does not: it is what is wiped. */
function isCovered(path: string, declared: readonly Declared[], host: readonly SourceFile[]): boolean {
  const mounts = host.flatMap(({ persistence }) =>
    persistence.facts.fileSystems.map((fact) => normalise(fact.mountPoint)),
  );
  const entries = declared.flatMap((entry) => (entry.block.enabled ? (entry.path ?? []) : []));
  return [...mounts, ...entries].some((parent) => parent !== "/" && (parent === path || isBelow(path, parent)));
}
