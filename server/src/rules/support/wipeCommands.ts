import type { Problem } from "../rule";
import type { BootScript } from "./boot";

/** Tells where a script deletes a subvolume of btrfs without those inside it: the command is refused then. `text` is the file's. */
export function childrenProblem(text: string, { definition, code }: BootScript): Problem[] {
  const commands = [...code.matchAll(/\bbtrfs["}]? +sub\w* +delete\b[^\n;&|]*/g)].map((match) => match[0]);
  const [command] = commands;
  // Several commands, or a loop: the children are taken care of, or it is not clear which subvolumes these are.
  if (command === undefined || commands.length > 1) return [];
  if (/\bsub\w* +list\b|\b(?:for|while|xargs|find|until)\b|\bmv\b/.test(code)) return [];
  if (/ (?:-[a-zA-Z]*R|--recursive)\b/.test(command)) return [];
  const start = /\bbtrfs["}]? +sub\w* +delete\b/.exec(command)?.[0];
  const { start: from, end } = definition.fact.span;
  const at = start === undefined ? -1 : text.slice(from, end).indexOf(command);
  if (start === undefined || at === -1) return [];
  const span = { start: from + at, end: from + at + start.length };
  return [
    {
      span: { ...span, end: span.end + 1 },
      message:
        "A subvolume with subvolumes inside is not deleted, and systemd makes some in the root, such as `/var/lib/portables`: the next boot keeps the old root. Delete them first, or write `-R` (btrfs-progs 6.12 and later).",
      fixes: [
        {
          title: "Delete what is inside as well (`-R`)",
          edits: [{ span: { start: span.end, end: span.end }, text: " -R" }],
        },
      ],
    },
  ];
}

/** Tells where a script puts an old root into the subvolume that it deletes afterwards. */
export function snapshotProblem(text: string, { definition, code }: BootScript): Problem[] {
  for (const match of code.matchAll(/\b(?:mv|sub\w* +snapshot(?: +-r)?) +"?([^\s"]{2,})"? +"?([^\s"]+)/g)) {
    const [whole, from, to] = match;
    if (from === undefined || to === undefined || !to.startsWith(`${from}/`)) continue;
    // What is deleted is the same subvolume, and not one that is found by a search.
    if (
      !code
        .split("\n")
        .some((line) => /\bsub\w* +delete\b/.test(line) && line.replace(/["']/g, "").trimEnd().endsWith(` ${from}`))
    )
      continue;
    const { start, end } = definition.fact.span;
    const command = `${/btrfs["}]? +$/.exec(code.slice(0, match.index))?.[0] ?? ""}${whole}`;
    const at = text.slice(start, end).indexOf(command);
    if (at === -1) continue;
    return [
      {
        span: { start: start + at, end: start + at + command.length },
        message: `The old root is put inside the subvolume that is deleted, and is wiped with it. Put it beside the root.`,
      },
    ];
  }
  return [];
}
