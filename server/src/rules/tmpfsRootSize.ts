import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { fsTypeOf, type Mount, mountsOn } from "./support/boot";
import { isSure } from "./support/hostOptions";
import { eolOf } from "./support/lines";
import { isWholeList } from "./support/lists";

export const rule: Rule = {
  id: "tmpfs-root-size",
  level: "warning",
  title: "A root in memory without a mode or a size",
  doc: `A tmpfs that is mounted without \`mode=755\` can be written by everyone, which is no good for \`/\`: any user may put files there, and OpenSSH and others refuse
files below a directory like that. This is a warning.

Without \`size=\` it may fill half of the memory. Builds and downloads then end with "No space left on device" although disks are empty, or the host runs out
of memory. This is a hint: choose what the host can spare, such as \`size=25%\` or \`size=2G\`.

The rule looks at \`fileSystems."/"\` where all its options are known.`,
  check,
  examples: [
    {
      title: "Neither of them",
      text: `{
  fileSystems."/" = {
    device = "none";
    fsType = "tmpfs";
    options = [ "defaults" ];
    #         ^^^^^^^^^^^^^^ mode=755
    #         ^^^^^^^^^^^^^^ size=
  };
}
`,
      fixed: `{
  fileSystems."/" = {
    device = "none";
    fsType = "tmpfs";
    options = [ "defaults" "mode=755" ];
  };
}
`,
    },
    {
      title: "Without a size",
      text: `{
  fileSystems."/" = {
    fsType = "tmpfs";
    options = [
    #         ^ size=
      "defaults"
      "mode=755"
    ];
  };
}
`,
      fixed: `{
  fileSystems."/" = {
    fsType = "tmpfs";
    options = [
      "defaults"
      "mode=755"
      "size=25%"
    ];
  };
}
`,
    },
    {
      title: "Both of them",
      text: `{
  fileSystems."/" = {
    device = "none";
    fsType = "tmpfs";
    options = [ "defaults" "size=2G" "mode=755" ];
  };
}
`,
    },
    {
      title: "Options that are not known, and another root",
      text: `{ config, ... }:
{
  fileSystems."/" = { fsType = "tmpfs"; options = [ "defaults" ] ++ config.x; };
  fileSystems."/tmp" = { fsType = "tmpfs"; options = [ "defaults" ]; };
}
`,
    },
  ],
};

function check({ file, host }: RuleContext): Problem[] {
  const root = mountsOn(host)?.find(({ mountPoint }) => mountPoint === "/");
  if (root === undefined || fsTypeOf(root) !== "tmpfs") return [];
  const options = optionsOf(root);
  const [last] = (root.settings.get("options") ?? []).slice(-1);
  if (options === null || last === undefined || last.file !== file) return [];
  const { value } = last.fact;
  if (value.kind !== "list") return [];
  const add = (option: string) => insert(file.text, value.literals[0]?.end ?? null, option);
  const found: Problem[] = [];
  if (!options.some((option) => /(?:^|,)mode=/.test(option)))
    found.push({
      span: value.span,
      message:
        "Without `mode=755` everyone can write to the root: any user may put files there, and OpenSSH refuses what lies below such a folder. Add it.",
      fixes: add("mode=755"),
    });
  if (!options.some((option) => /(?:^|,)(?:size|nr_blocks)=/.test(option)))
    found.push({
      span: value.span,
      level: "hint",
      message:
        'Without `size=` the root may fill half of the memory, and what does not fit ends with "No space left on device". Add what the host can spare.',
      fixes: add("size=25%"),
    });
  return found;
}

/** All mount options; null where some are not known, or none are written. */
function optionsOf({ settings, whole }: Mount): string[] | null {
  const definitions = settings.get("options") ?? [];
  if (!whole || definitions.length === 0) return null;
  const found: string[] = [];
  for (const definition of definitions) {
    const { value } = definition.fact;
    if (!isSure(definition) || value.kind !== "list" || !isWholeList(value)) return null;
    for (const { value: element } of value.elements) if (element.kind === "string") found.push(element.text);
  }
  return found;
}

/** Writes another string at the end of a list literal that ends at `end`. */
function insert(text: string, end: number | null, option: string): Fix[] {
  if (end === null) return [];
  const before = text.slice(0, end - 1).trimEnd();
  const lineStart = before.lastIndexOf("\n") + 1;
  const indent = /^[ \t]*/.exec(before.slice(lineStart))?.[0] ?? "";
  const isSpread = text.slice(before.length, end - 1).includes("\n");
  // Behind a comment on the last line a string would be part of it.
  if (before.slice(lineStart).includes("#")) return [];
  const at = { start: before.length, end: before.length };
  return [
    {
      title: `Add "${option}"`,
      edits: [{ span: at, text: isSpread ? `${eolOf(text)}${indent}"${option}"` : ` "${option}"` }],
    },
  ];
}
