import { isMountedInInitrd } from "../../persistence/boot";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { commandsFix, folderStep, foldersFor } from "./support/seed";
import { deploymentOf, isMeant, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "boot-source-missing",
  level: "warning",
  title: "A directory that is mounted in the initrd is not in the storage",
  doc: `impermanence mounts \`/var\`, \`/var/log\`, \`/var/lib\`, \`/var/lib/nixos\`, \`/etc\`, \`/usr\` and \`/nix\` in the initrd, if they are persisted. Where the
storage does not have the directory, that mount fails and the boot stops in stage 1. Switching to the configuration makes the directory; a boot into
it without a switch (\`nixos-rebuild boot\`, a new installation, a storage that was made anew) does not.

It is an error where the host runs with the mount and the directory is gone from the storage: then the next boot stops.

Sources: nixpkgs' \`pathsNeededForBoot\`; [impermanence issue 121](https://github.com/nix-community/impermanence/issues/121).`,
  check,
  examples: [
    {
      title: "Declared, but not in the storage yet",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/nixos" ];
  #                                                             ^^^^^^^^^^^^^^^^ juni does not have /persist/var/lib/nixos
}
`,
      host: `
/var/log mounted
`,
      commands: `
[ -e /persist/var/lib ] || install -d -o root -g root -m 0755 -- /persist/var/lib
[ -e /persist/var/lib/nixos ] || install -d -o root -g root -m 0755 -- /persist/var/lib/nixos
`,
    },
    {
      title: "In the storage, and paths that are mounted later",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/forgejo" ];
}
`,
      host: `
/persist/var/log/
`,
    },
    {
      title: "In preservation, which makes it",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ { directory = "/var/lib/nixos"; inInitrd = true; } ];
}
`,
      host: `
/persist/var/lib/
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const { host } = context.scan;
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, module, storagePath } = entry;
    if (module === "preservation" || kind !== "directory" || storagePath === null || !isMountedInInitrd(path))
      return [];
    const deployment = deploymentOf(context, entry);
    if (deployment === null || !isMeant(entry, deployment)) return [];
    if (storedAt(context, storagePath, path) !== "absent") return [];
    const stored = storedPath(storagePath, path);
    const runs = deployment === "mounted";
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        level: runs ? "error" : "warning",
        message: runs
          ? `${host} runs with ${path} mounted, but does not have ${stored} any more: the next boot stops in stage 1. Make the folder before you reboot.`
          : `${path} is mounted in the initrd, and ${host} does not have ${stored}: a boot into this configuration without a switch before it stops in stage 1. Make the folder first, or switch.`,
        fixes: commandsFix(context, `Make ${stored}`, [
          ...foldersFor(context, storagePath, path),
          folderStep(context, storagePath, path),
        ]),
      },
    ];
  });
}
