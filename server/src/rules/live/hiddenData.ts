import type { SeenPath } from "../../hosts/model";
import { isMountedInInitrd } from "../../persistence/boot";
import type { LiveContext, LiveEntry, LiveProblem, LiveRule } from "./rule";
import { remark, step } from "./support/commands";
import { dataAt } from "./support/data";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { copyFix, mountFirst } from "./support/seed";
import { deploymentOf, isMountedOver, liveAt, type Seen, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "hidden-data",
  level: "warning",
  title: "After the next switch the storage hides what the host has",
  doc: `A path was declared, but the host does not run with that yet. It has data at the path, and the storage has none: the module makes an empty
folder in the storage and mounts that over the data. To programs it looks deleted, and with the next reboot it is. Neither module ever moves data.

Copy the data into the storage before you switch. The fix shows the commands: they overwrite nothing, and compare afterwards. Where data is
hidden already, stopping the mount unit (\`systemctl stop var-lib-forgejo.mount\`) shows it again, until the next reboot.

Where the storage has data of its own at the path, of an entry that was there before or of a copy that has become old, that comes into sight and the root's goes.
Which of the two is right Tidemark cannot know, and two states of one program do not mix: the fix shows how to put the root's beside the other, for you
to compare them. It is silent where the storage has a copy as the commands make it, with the time of the original.

Sources: [impermanence issue 169](https://github.com/nix-community/impermanence/issues/169), and its
[issue 79](https://github.com/nix-community/impermanence/issues/79) on why it moves nothing.`,
  check,
  examples: [
    {
      title: "A service that runs since before its state was persisted",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    { directory = "/var/lib/forgejo"; user = "forgejo"; group = "forgejo"; mode = "0750"; }
    #             ^^^^^^^^^^^^^^^^^^ has 2 files (9.3 kB) on juni
  ];
}
`,
      host: `
/var/log mounted
/var/lib/forgejo/ forgejo 0750
/var/lib/forgejo/app.ini forgejo 300
/var/lib/forgejo/data/gitea.db forgejo 9000
unit forgejo.service /var/lib/forgejo
`,
      commands: `
systemctl stop -- forgejo.service
[ -e /persist/var/lib ] || install -d -o root -g root -m 0755 -- /persist/var/lib
[ -e /persist/var/lib/forgejo ] || cp -a --reflink=auto -T -- /var/lib/forgejo /persist/var/lib/forgejo
diff -rq --no-dereference -- /var/lib/forgejo /persist/var/lib/forgejo
systemctl start -- forgejo.service
`,
    },
    {
      title: "A part of what one service has, and all of what another has",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/forgejo/data" ];
  #                                                  ^^^^^^^^^^^^^^^^^^^^^^^ /var/lib/forgejo/data has 1 file (300 B) on juni
}
`,
      host: `
/var/lib/forgejo/data/a 300
/persist/var/lib/forgejo/
unit forgejo.service /var/lib/forgejo
unit backup.service /var/lib/forgejo/data
`,
      commands: `
systemctl stop -- forgejo.service backup.service
[ -e /persist/var/lib/forgejo/data ] || cp -a --reflink=auto -T -- /var/lib/forgejo/data /persist/var/lib/forgejo/data
diff -rq --no-dereference -- /var/lib/forgejo/data /persist/var/lib/forgejo/data
systemctl start -- forgejo.service backup.service
`,
    },
    {
      title: "An empty folder in the storage, and a name of the user's",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ "Josh's-notes" ];
  #                                                             ^^^^^^^^^^^^^^ after the next switch
}
`,
      host: `
/home/josh/Josh's-notes/a.md josh 100
/persist/home/josh/Josh's-notes/ josh
`,
      commands: `
cp -an --reflink=auto -T -- '/home/josh/Josh'\\''s-notes' '/persist/home/josh/Josh'\\''s-notes'
diff -rq --no-dereference -- '/home/josh/Josh'\\''s-notes' '/persist/home/josh/Josh'\\''s-notes'
`,
    },
    {
      title: "A file, which preservation mounts over",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".files = [ "/var/lib/app/key" ];
  #                                            ^^^^^^^^^^^^^^^^^^ an empty file hides it
}
`,
      host: `
/var/lib/app/key 100
/persist/var/lib/app/
`,
      commands: `
[ -e /persist/var/lib/app/key ] || cp -a --reflink=auto -T -- /var/lib/app/key /persist/var/lib/app/key
cmp -- /var/lib/app/key /persist/var/lib/app/key
`,
    },
    {
      title: "The storage has other data of the same service",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/forgejo" ];
  #                                                  ^^^^^^^^^^^^^^^^^^ /persist/var/lib/forgejo has data of its own
}
`,
      host: `
/var/lib/forgejo/ forgejo 0750 1d
/var/lib/forgejo/app.ini forgejo 300
/persist/var/lib/forgejo/ forgejo 0750 60d full
unit forgejo.service /var/lib/forgejo
`,
      commands: `
systemctl stop -- forgejo.service
[ -e /persist/var/lib/forgejo.from-root ] || cp -a --reflink=auto -T -- /var/lib/forgejo /persist/var/lib/forgejo.from-root
diff -rq --no-dereference -- /var/lib/forgejo /persist/var/lib/forgejo.from-root
diff -rq --no-dereference -- /var/lib/forgejo /persist/var/lib/forgejo
systemctl start -- forgejo.service
`,
    },
    {
      title: "What is in place, what was copied already, and what has no data",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/forgejo" "/var/lib/new" "/srv/empty" ];
}
`,
      host: `
/var/log mounted
/var/lib/forgejo/ 2d
/var/lib/forgejo/app.ini 300
/persist/var/lib/forgejo/ 2d full
/srv/empty/
`,
    },
    {
      title: "A storage of which that part was not looked at, and a condition that is not known",
      text: `{ lib, enabled, ... }:
{
  environment.persistence."/persist".directories = [ "/srv/data/here" ] ++ lib.optional enabled "/opt/app";
}
`,
      host: `
/srv/data/here/file 300
/opt/app/file 300
/persist/srv/data/ full
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, storagePath, conditional } = entry;
    if (storagePath === null || conditional || !isMountedOver(entry) || deploymentOf(context, entry) !== "no")
      return [];
    const stored = storedAt(context, storagePath, path);
    const has = dataAt(context, entry);
    if (has === null || stored === null) return [];
    const told = { place: entryPlace(context, entry), about: path };
    if (stored === "absent" || stored.empty === true)
      return [{ ...told, ...nothingStored(context, entry, storagePath, has, stored === "absent") }];
    if (stored.empty === null || stored.type !== entry.kind || isCopy(liveAt(context, path), stored)) return [];
    return [{ ...told, ...otherStored(context, entry, storagePath, has) }];
  });
}

/** A message and what to do. */
type Told = Pick<LiveProblem, "message" | "fixes">;

function nothingStored(
  context: LiveContext,
  { path, kind, module }: LiveEntry,
  storage: string,
  has: string,
  isAbsent: boolean,
): Told {
  const target = storedPath(storage, path);
  const stage =
    isAbsent && module !== "preservation" && isMountedInInitrd(path)
      ? ` A boot into the configuration without a switch before it stops in stage 1, as ${target} does not exist.`
      : "";
  return {
    message: `${path} has ${has} on ${context.scan.host}, and the storage has nothing of it: after the next switch an empty ${kind === "file" ? "file" : "folder"} hides it${thenGone(context)}. Copy it to ${target} first.${mountFirst(context, storage)}${stage}`,
    fixes: copyFix(context, `Copy ${path} into the storage`, { from: path, storage, path, kind }),
  };
}

function otherStored(context: LiveContext, { path, kind }: LiveEntry, storage: string, has: string): Told {
  const target = storedPath(storage, path);
  const as = `${path}.from-root`;
  const compare = kind === "directory" ? ["diff", "-rq", "--no-dereference", "--"] : ["cmp", "--"];
  return {
    message: `${path} has ${has} on ${context.scan.host}, and ${target} has data of its own: after the next switch that hides what the root has${thenGone(context)}. Compare the two before you switch.${mountFirst(context, storage)}`,
    fixes:
      storedAt(context, storage, as) === "absent"
        ? copyFix(context, `Put what ${path} has beside ${target}`, { from: path, storage, path, as, kind }, [
            step("Shows in what the storage differs: nothing if it has all of it already.", ...compare, path, target),
            remark(`After the switch take from ${storedPath(storage, as)} what you need, and remove it.`),
          ])
        : [],
  };
}

/** What becomes of data that is hidden. */
function thenGone({ scan }: LiveContext): string {
  const { ephemeral } = scan.root;
  if (ephemeral === false) return "";
  return `, and ${ephemeral ? "the next reboot" : "a reboot that wipes the root"} deletes it`;
}

/** Whether the storage has a copy that kept its time, as `cp -a` makes one. */
function isCopy(live: Seen, stored: SeenPath): boolean {
  return live !== null && live !== "absent" && live.mtime === stored.mtime && live.size === stored.size;
}
