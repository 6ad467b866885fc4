import { lookup } from "../../knowledge/advice";
import { isBelow } from "../../persistence/paths";
import { removal } from "../support/removal";
import type { LiveContext, LiveEntry, LiveProblem, LiveRule } from "./rule";
import { sharingNote } from "./support/candidates";
import { entryPlace } from "./support/places";
import { unitsOf } from "./support/seed";
import { deploymentOf, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "unused-entry",
  level: "hint",
  title: "A persisted folder has been empty for months",
  doc: `The folder is in place, empty, and nothing was put into it or taken out of it for at least 90 days; no unit of the host has it as one of its
directories, no line of tmpfiles makes it, no account has its home there, and Tidemark knows no program that keeps something there. Most likely what
it was for is gone.

Remove the entry, if you know of nothing that needs it.`,
  check,
  examples: [
    {
      title: "A folder of a program that is gone",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    "/var/lib/gone"
  # ^^^^^^^^^^^^^^^ has been empty on juni for 120 days
  ];
}
`,
      host: `
/var/lib/gone mounted
/persist/var/lib/gone/ 120d
unit other.service /var/lib/other
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
  ];
}
`,
    },
    {
      title: "What has something in it, or is young, or is not in place",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/a" "/var/lib/b" "/var/lib/c" ];
}
`,
      host: `
/var/lib/a mounted
/persist/var/lib/a/ 120d full
/var/lib/b mounted
/persist/var/lib/b/ 20d
/persist/var/lib/c/ 120d
`,
    },
    {
      title: "What a unit or a known program uses",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/mine" "/var/lib/forgejo" ];
}
`,
      host: `
/var/lib/mine mounted
/persist/var/lib/mine/ 120d
/var/lib/forgejo mounted
/persist/var/lib/forgejo/ 120d
unit mine.service /var/lib/mine
`,
    },
  ],
};

const day = 86_400;
const longDays = 90;

function check(context: LiveContext): LiveProblem[] {
  const { scan, scannedAt } = context;
  if (scannedAt === null) return [];
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, storagePath } = entry;
    if (storagePath === null || kind !== "directory" || deploymentOf(context, entry) !== "mounted") return [];
    const stored = storedAt(context, storagePath, path);
    if (stored === null || stored === "absent" || stored.type !== "directory" || stored.empty !== true) return [];
    const days = Math.floor((scannedAt - stored.mtime) / day);
    if (days < longDays || isUsed(context, entry)) return [];
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        message: `${path} has been empty on ${scan.host} for ${days} days, and nothing is known that uses it. Remove the entry if it is of no use any more.`,
        ...removing(context, entry),
      },
    ];
  });
}

function isUsed(context: LiveContext, { path, scope }: LiveEntry): boolean {
  const { users, deployed } = context.scan;
  const isAt = (one: string) => one === path || isBelow(one, path) || isBelow(path, one);
  return (
    scope.kind === "user" ||
    isKnown(path) ||
    unitsOf(context, path).length > 0 ||
    users.some(({ home }) => home === path || isBelow(home, path)) ||
    (deployed?.tmpfiles ?? []).some((line) => isAt(line.path)) ||
    (deployed?.units.length ?? 0) === 0
  );
}

/** Whether the catalog knows what keeps something there. */
function isKnown(path: string): boolean {
  const advice = lookup(path, null);
  return advice !== null && advice.kind !== "pattern";
}

function removing(context: LiveContext, { element, place, path }: LiveEntry): Pick<LiveProblem, "fixes"> {
  const text = context.files.find(({ name }) => name === place?.file)?.text;
  if (element === null || text === undefined) return {};
  return {
    fixes: [
      { kind: "edits", title: `Remove ${path}${sharingNote(context, place)}`, edits: [removal(text, element.span)] },
    ],
  };
}
