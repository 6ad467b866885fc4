import type { LiveContext, LiveFix, LiveProblem, LiveRule } from "./rule";
import { isMentioned, persistAgain } from "./support/again";
import { storagePlace } from "./support/places";
import { mountedFrom } from "./support/state";

export const rule: LiveRule = {
  id: "undeclared-mount",
  level: "info",
  title: "The host has a path mounted from the storage that nothing declares",
  doc: `The host runs with a path of the storage mounted, and the configuration as it is now does not have it: the entry was removed, or is in another
branch or module. After the next switch or reboot the path is an empty one on the root; the data stays in the storage.

Persist it again, or leave it: the data can be removed from the storage later. It is told only where all of the configuration is known, and not
for paths that the files mention.`,
  check,
  examples: [
    {
      title: "An entry that was removed",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
# ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ juni has /var/lib/app mounted from /persist
}
`,
      host: `
/var/log mounted
/var/lib/app mounted
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/app" ];
}
`,
    },
    {
      title: "Mounted from elsewhere, or mentioned",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  fileSystems."/srv/data" = { device = "/persist/srv/data"; options = [ "bind" ]; };
}
`,
      host: `
/var/log mounted
/srv/data mounted
/srv/disk mounted elsewhere
`,
    },
    {
      title: "Parts of the configuration that are not known",
      text: `{ shared, ... }:
{
  environment.persistence."/persist".directories = [ "/var/log" ] ++ shared;
}
`,
      host: `
/var/log mounted
/var/lib/app mounted
`,
    },
  ],
};

/** Paths named in one message, and offered. */
const maximumNamed = 8;

function check(context: LiveContext): LiveProblem[] {
  const { scan, whole, storages, entries } = context;
  if (!whole || scan.deployed === null) return [];
  const declared = new Set(entries.map(({ path }) => path));
  return storages.flatMap(({ path: storage }): LiveProblem[] => {
    const paths = scan.mounts
      .filter(({ mountPoint }) => mountPoint !== storage && !mountPoint.startsWith(`${storage}/`))
      .filter((mount) => mountedFrom(scan, storage, mount) === mount.mountPoint)
      .map(({ mountPoint }) => mountPoint)
      .filter((path) => !declared.has(path) && !isMentioned(context, path));
    const found = [...new Set(paths)];
    if (found.length === 0) return [];
    const named = found.slice(0, maximumNamed).join(", ") + (found.length > maximumNamed ? ", …" : "");
    return [
      {
        place: storagePlace(context, storage),
        message: `${scan.host} has ${named} mounted from ${storage}, and nothing declares ${found.length === 1 ? "it" : "them"}: after the next switch or reboot ${found.length === 1 ? "it is" : "they are"} empty there, and the data is in ${storage} only.`,
        fixes: found.slice(0, maximumNamed).flatMap((path): LiveFix[] => persistAgain(context, storage, path)),
      },
    ];
  });
}
