import { persistEdits } from "../../persistence/edit";
import type { Entry, PersistenceFile } from "../../persistence/model";
import { overlaps } from "../../syntax/span";
import { removal } from "../support/removal";
import type { LiveContext, LiveEntry, LiveFix, LiveProblem, LiveRule } from "./rule";
import { sharingNote } from "./support/candidates";
import { storedPath } from "./support/paths";
import { entryPlace, homeOf } from "./support/places";
import { deploymentOf, isMeant, liveAt, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "type-mismatch",
  level: "error",
  title: "A directory is listed as a file, or a file as a directory",
  doc: `What is listed under \`directories\` has to be a directory in the storage, and what is listed under \`files\` a file: otherwise it cannot be
mounted, and switching to the configuration fails. The same holds for what lies at the path on the root, until the next boot makes it empty.

List the path in the other list, which is what the fix does, or move away what is in its place.`,
  check,
  examples: [
    {
      title: "A file in the storage",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
      "/var/lib/machine.key"
    # ^^^^^^^^^^^^^^^^^^^^^^ juni has a file at /persist/var/lib/machine.key
    ];
    files = [
      "/etc/machine-id"
    ];
  };
}
`,
      host: `
/persist/var/lib/machine.key 300
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
    ];
    files = [
      "/etc/machine-id"
      "/var/lib/machine.key"
    ];
  };
}
`,
    },
    {
      title: "A directory on the root",
      text: `{
  environment.persistence."/persist".users.josh = {
    files = [ ".config/htop" ];
    #         ^^^^^^^^^^^^^^ juni has a directory at /home/josh/.config/htop
    directories = [ "Documents" ];
  };
}
`,
      host: `
/home/josh/.config/htop/htoprc josh 200
`,
      fixed: `{
  environment.persistence."/persist".users.josh = {
    files = [ ];
    directories = [ "Documents" ".config/htop" ];
  };
}
`,
    },
    {
      title: "What is as it is listed, and links, which may lead anywhere",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/srv/data" ];
    files = [ "/etc/machine-id" ];
  };
}
`,
      host: `
/persist/var/log/ full
/persist/etc/machine-id 33
/persist/srv/data -> /mnt/disk
`,
    },
    {
      title: "Under a condition that is not known",
      text: `{ lib, enabled, ... }:
{
  environment.persistence."/persist".directories = lib.optionals enabled [ "/srv/data" ];
}
`,
      host: `
/persist/srv/data 10
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, storagePath } = entry;
    const deployment = deploymentOf(context, entry);
    if (storagePath === null || deployment === null || !isMeant(entry, deployment)) return [];
    const stored = storedAt(context, storagePath, path);
    const live = deployment === "no" ? liveAt(context, path) : null;
    const inStorage = isOther(kind, stored);
    if (!inStorage && !isOther(kind, live)) return [];
    const at = inStorage ? storedPath(storagePath, path) : path;
    const [is, list] = kind === "directory" ? ["file", "files"] : ["directory", "directories"];
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        message: `${path} is listed as a ${kind}, but ${context.scan.host} has a ${is} at ${at}: it cannot be put in place. List it under \`${list}\`, or move away what is there.`,
        fixes: otherList(context, entry),
      },
    ];
  });
}

function isOther(kind: LiveEntry["kind"], seen: ReturnType<typeof storedAt>): boolean {
  if (seen === null || seen === "absent") return false;
  return kind === "directory" ? seen.type === "file" : seen.type === "directory";
}

/** Takes the entry out and writes its path in the other list; none where its element does more than naming the path. */
function otherList(context: LiveContext, { element, place, path, kind, scope }: LiveEntry): LiveFix[] {
  const file = context.files.find(({ name }) => name === place?.file);
  if (file === undefined || element === null || element.form !== "string") return [];
  const other = kind === "directory" ? "file" : "directory";
  const without = { ...file, persistence: withoutEntry(file.persistence, element) };
  const owner = scope.kind === "user" ? homeOf(context, path) : null;
  const target = { path, kind: other, user: null, group: null, mode: null, homeOf: owner } as const;
  const added = persistEdits([without], [target], context.hints).edits.get(file.name) ?? [];
  const removed = removal(file.text, element.span);
  if (added.length === 0 || added.some(({ span }) => overlaps(span, removed.span))) return [];
  const edits = [...added, removed].sort((a, b) => a.span.start - b.span.start);
  const title = `List ${path} under ${other === "file" ? "files" : "directories"}${sharingNote(context, place)}`;
  return [{ kind: "edits", title, edits }];
}

function withoutEntry(persistence: PersistenceFile, entry: Entry): PersistenceFile {
  const blocks = persistence.blocks.map((block) => ({
    ...block,
    lists: block.lists.map((list) => ({ ...list, entries: list.entries.filter((one) => one !== entry) })),
  }));
  return { ...persistence, blocks };
}
