import { isBelow } from "../../persistence/paths";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { step } from "./support/commands";
import { foldersAbove, storedPath } from "./support/paths";
import { entryPlace, homeOf } from "./support/places";
import { commandsFix } from "./support/seed";
import { deploymentOf, isMeant, liveAt, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "loose-parent-owner",
  level: "warning",
  title: "A folder in a home belongs to root",
  doc: `What is persisted deep in a home needs the folders above it, and where something made those as root, the user cannot write into them: programs
that keep other settings there fail. Both modules did that in the past, and an entry of the system for a path in a home still does.

List the path under the user (\`users.<name>\`), and give the folders to the user once: in the storage too, since impermanence gives the folders
of the home the owner that the storage has. In preservation set \`parent.user\`, or \`configureParent\`.

Sources: impermanence issues [74](https://github.com/nix-community/impermanence/issues/74) and
[298](https://github.com/nix-community/impermanence/issues/298), [preservation issue 9](https://github.com/nix-community/preservation/issues/9).`,
  check,
  examples: [
    {
      title: "A folder above an entry",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ ".local/share/app" ];
  #                                                             ^^^^^^^^^^^^^^^^^^ /home/josh/.local and /home/josh/.local/share belong to root on juni
}
`,
      host: `
/home/josh/ josh
/home/josh/.local/ root
/home/josh/.local/share/ root
/home/josh/.local/share/app mounted
/persist/home/josh/.local/ root
/persist/home/josh/.local/share/ josh
`,
      commands: `
chown -h josh:josh -- /persist/home/josh/.local /home/josh/.local /home/josh/.local/share
stat -c '%U:%G %n' -- /persist/home/josh/.local /home/josh/.local /home/josh/.local/share
`,
    },
    {
      title: "The user's own folders, and those of others",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/lib/app" ];
    users.josh.directories = [ ".local/share/app" "Documents" ];
  };
}
`,
      host: `
/home/josh/.local/ josh
/home/josh/.local/share/ josh
/var/lib/ root
`,
    },
    {
      title: "Folders that were not looked at",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ ".local/share/app" ];
}
`,
      host: `
/home/josh/ josh
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const told = new Set<string>();
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, storagePath } = entry;
    const home = homeOf(context, path);
    const deployment = deploymentOf(context, entry);
    if (home === null || storagePath === null || deployment === null || !isMeant(entry, deployment)) return [];
    const folders = foldersAbove(path).filter(
      (folder) => isBelow(folder, home.home) && !told.has(folder) && isRoots(liveAt(context, folder)),
    );
    if (folders.length === 0) return [];
    for (const folder of folders) told.add(folder);
    const stored = folders.filter((folder) => isRoots(storedAt(context, storagePath, folder)));
    const all = [...stored.map((folder) => storedPath(storagePath, folder)), ...folders];
    const belong = folders.length === 1 ? "belongs" : "belong";
    return [
      {
        place: entryPlace(context, entry),
        message: `${folders.join(" and ")} ${belong} to root on ${context.scan.host}: ${home.user} cannot make anything in there besides what is persisted. Give ${folders.length === 1 ? "it" : "them"} to ${home.user}.`,
        fixes: commandsFix(context, `Give the folders above ${path} to ${home.user}`, [
          step(
            "Changes the owner of the folders alone, in the storage first.",
            ...["chown", "-h", `${home.user}:${home.group}`, "--", ...all],
          ),
          step("Shows what they are now.", "stat", "-c", "%U:%G %n", "--", ...all),
        ]),
      },
    ];
  });
}

function isRoots(seen: ReturnType<typeof liveAt>): boolean {
  return seen !== null && seen !== "absent" && seen.type === "directory" && seen.user === "root";
}
