import { isMountedInInitrd } from "../../persistence/boot";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { dataAt } from "./support/data";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { copyFix, mountFirst } from "./support/seed";
import { deploymentOf, isMountedOver, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "hidden-data",
  level: "warning",
  title: "After the next switch an empty folder hides what the host has",
  doc: `A path was declared, but the host does not run with that yet. It has data at the path, and the storage has none: the module makes an empty
folder in the storage and mounts that over the data. To programs it looks deleted, and with the next reboot it is. Neither module ever moves data.

Copy the data into the storage before you switch. The fix shows the commands: they overwrite nothing, and compare afterwards. Where data is
hidden already, stopping the mount unit (\`systemctl stop var-lib-forgejo.mount\`) shows it again, until the next reboot.

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
      title: "What is in place, what is stored already, and what has no data",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/forgejo" "/var/lib/new" "/srv/empty" ];
}
`,
      host: `
/var/log mounted
/var/lib/forgejo/app.ini 300
/persist/var/lib/forgejo/ full
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
  const { host } = context.scan;
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, storagePath, conditional } = entry;
    if (storagePath === null || conditional || !isMountedOver(entry) || deploymentOf(context, entry) !== "no")
      return [];
    const stored = storedAt(context, storagePath, path);
    const has = dataAt(context, entry);
    if (has === null || !(stored === "absent" || stored?.empty === true)) return [];
    const target = storedPath(storagePath, path);
    const stage =
      stored === "absent" && entry.module !== "preservation" && isMountedInInitrd(path)
        ? ` A boot into the configuration without a switch before it stops in stage 1, as ${target} does not exist.`
        : "";
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        message: `${path} has ${has} on ${host}, and the storage has nothing of it: after the next switch an empty ${kind === "file" ? "file" : "folder"} hides it, and the next reboot deletes it. Copy it to ${target} first.${mountFirst(context, storagePath)}${stage}`,
        fixes: copyFix(context, `Copy ${path} into the storage`, { from: path, storage: storagePath, path, kind }),
      },
    ];
  });
}
