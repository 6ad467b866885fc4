import type { SeenPath } from "../../hosts/model";
import type { TextEdit } from "../../syntax/span";
import { quote } from "../../syntax/strings";
import { isStringLiteral } from "../support/text";
import type { LiveContext, LiveEntry, LiveFix, LiveProblem, LiveRule } from "./rule";
import { sharingNote } from "./support/candidates";
import { step } from "./support/commands";
import { octalMode } from "./support/modes";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { commandsFix } from "./support/seed";
import { deploymentOf, isMeant, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "mode-drift",
  level: "info",
  title: "A directory has another owner or mode than is written",
  doc: `impermanence uses \`mode\`, \`user\` and \`group\` when it first makes a directory in the storage, and never again: at each activation the path gets the
owner and mode that the storage has. A mode that is edited later does nothing, and neither does a switch.

Write what the host has, or change it on the host; the fixes do the one and show the commands for the other. It is a warning where the host
lets in more people than is written. Services may set the mode of their own directories each time they start: then write what the host has.
preservation sets them at each boot, so there it is not told.

Source: the descriptions of impermanence's options, and its \`create-directories.bash\`.`,
  check,
  examples: [
    {
      title: "A mode that was tightened after the directory was made",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/app"; mode = "0700"; user = "headscale"; }
    #             ^^^^^^^^^^^^^^ has the mode 0755 on juni
  ];
}
`,
      host: `
/var/lib/app mounted
/persist/var/lib/app/ headscale 0755 full
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/app"; mode = "0755"; user = "headscale"; }
  ];
}
`,
      commands: `
chmod 0700 -- /persist/var/lib/app
stat -c '%a %U:%G %n' -- /persist/var/lib/app
`,
    },
    {
      title: "Another owner",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/app"; user = "forgejo"; group = "forgejo"; }
    #             ^^^^^^^^^^^^^^ belongs to root:root on juni
  ];
}
`,
      host: `
/persist/var/lib/app/ full
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/app"; user = "root"; group = "root"; }
  ];
}
`,
      commands: `
chown forgejo:forgejo -- /persist/var/lib/app
stat -c '%a %U:%G %n' -- /persist/var/lib/app
`,
    },
    {
      title: "The same in other words, and what is not written",
      text: `{
  environment.persistence."/persist".directories = [
    { directory = "/var/lib/app"; mode = "u=rwx,g=rx,o="; }
    "/var/lib/other"
    { directory = "/var/lib/new"; mode = "0700"; }
  ];
}
`,
      host: `
/persist/var/lib/app/ 0750 headscale full
/persist/var/lib/other/ 0700 headscale full
`,
    },
    {
      title: "In preservation, which sets it at each boot",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ { directory = "/var/lib/app"; mode = "0700"; } ];
}
`,
      host: `
/persist/var/lib/app/ 0755 full
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const { host } = context.scan;
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, module, storagePath } = entry;
    if (storagePath === null || kind !== "directory" || module === "preservation") return [];
    const deployment = deploymentOf(context, entry);
    const stored = storedAt(context, storagePath, path);
    if (deployment === null || !isMeant(entry, deployment)) return [];
    if (stored === null || stored === "absent" || stored.type !== "directory") return [];
    const drift = driftOf(context, entry, stored);
    if (drift.owner === null && drift.mode === null) return [];
    const has = [
      ...(drift.mode === null ? [] : [`has the mode ${stored.mode}`]),
      ...(drift.owner === null ? [] : [`belongs to ${stored.user}:${stored.group}`]),
    ];
    const says = [drift.mode === null ? [] : [entry.mode ?? ""], drift.owner === null ? [] : [drift.owner]].flat();
    const target = storedPath(storagePath, path);
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        level: drift.mode !== null && letsInMore(stored.mode, drift.mode) ? "warning" : "info",
        message: `${path} ${has.join(" and ")} on ${host}, not ${says.join(" and ")}: impermanence uses these only when it makes a directory, and ${target} is there already. Write what the host has, or change it there.`,
        fixes: [
          ...writeWhatIsThere(context, entry, stored),
          ...commandsFix(context, `Give ${target} the owner and mode that are written`, [
            ...(drift.owner === null
              ? []
              : [step(`Changes its owner; what lies in it keeps its own.`, "chown", drift.owner, "--", target)]),
            ...(drift.mode === null
              ? []
              : [step(`Changes its mode; what lies in it keeps its own.`, "chmod", drift.mode, "--", target)]),
            step("Shows what it is now.", "stat", "-c", "%a %U:%G %n", "--", target),
          ]),
        ],
      },
    ];
  });
}

/** What is written and differs: the owner as chown takes it, and the mode in octal; null where it is the same, or not written. */
function driftOf(
  { scan }: LiveContext,
  { user, group, mode }: LiveEntry,
  stored: SeenPath,
): { readonly owner: string | null; readonly mode: string | null } {
  const uid = (name: string) =>
    String(scan.users.find((one) => one.name === name)?.uid ?? (name === "root" ? 0 : name));
  const gid = (name: string) =>
    String([...scan.groups].find(([, one]) => one === name)?.[0] ?? (name === "root" ? 0 : name));
  const otherUser = user !== null && uid(user) !== uid(stored.user);
  const otherGroup = group !== null && gid(group) !== gid(stored.group);
  const written = mode === null ? null : octalMode(mode);
  return {
    owner: otherUser ? `${user}${group === null ? "" : `:${group}`}` : otherGroup ? `:${group}` : null,
    mode: written !== null && written !== octalMode(stored.mode) ? written : null,
  };
}

function letsInMore(has: string, written: string): boolean {
  return (Number.parseInt(has, 8) & ~Number.parseInt(written, 8) & 0o077) !== 0;
}

/** Writes the host's owner and mode in place of those that are written out and differ. */
function writeWhatIsThere(context: LiveContext, entry: LiveEntry, stored: SeenPath): LiveFix[] {
  const { element, place } = entry;
  const text = context.files.find(({ name }) => name === place?.file)?.text;
  if (element === null || text === undefined) return [];
  const drift = driftOf(context, entry, stored);
  const right = new Map<string, string>([
    ...(drift.mode === null ? [] : ([["mode", stored.mode]] as const)),
    ...(drift.owner === null
      ? []
      : ([
          ["user", stored.user],
          ["group", stored.group],
        ] as const)),
  ]);
  const edits: TextEdit[] = [];
  for (const { name, value, part } of element.settings) {
    const wanted = name.name === null ? undefined : right.get(name.name);
    if (wanted === undefined || part !== undefined || (value.kind === "string" && value.text === wanted)) continue;
    if (!isStringLiteral(text.slice(value.span.start, value.span.end))) return [];
    edits.push({ span: value.span, text: quote(wanted) });
  }
  if (edits.length === 0) return [];
  const what = `Write what ${context.scan.host} has: ${[...right.values()].join(", ")}`;
  return [{ kind: "edits", title: `${what}${sharingNote(context, place)}`, edits }];
}
