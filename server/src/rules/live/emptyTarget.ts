import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { hostKeyType, isNeeded } from "./support/keys";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { copyFix, oldCopy } from "./support/seed";
import { deploymentOf, isMeant, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "empty-target",
  level: "warning",
  title: "A persisted key or identity is an empty file",
  doc: `preservation makes a file that the storage does not have, empty, and mounts that. \`sshd\` refuses an empty key and does not start, and an empty
machine id makes every boot look like the first one. Only files that are of no use when empty are told.

Put the right file into the storage. For host keys in preservation write \`how = "symlink"\` and \`configureParent = true\`, remove the empty
file once, and sshd makes the key through the link.

Sources: [preservation issue 4](https://github.com/nix-community/preservation/issues/4); machine-id(5).`,
  check,
  examples: [
    {
      title: "A host key that is mounted empty",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
  #                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is empty on juni
}
`,
      host: `
/etc/ssh/ssh_host_ed25519_key 0 mounted
/persist/etc/ssh/ssh_host_ed25519_key 0
`,
    },
    {
      title: "Files that have something in them, and those that may be empty",
      text: `{
  environment.persistence."/persist".files = [ "/etc/machine-id" "/etc/.pwd.lock" ];
}
`,
      host: `
/etc/machine-id 33 mounted
/persist/etc/machine-id 33
/persist/etc/.pwd.lock 0
`,
    },
    {
      title: "Under a condition that is not known",
      text: `{ lib, enabled, ... }:
{
  environment.persistence."/persist".files = lib.optional enabled "/etc/machine-id";
}
`,
      host: `
/persist/etc/machine-id 0
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, storagePath } = entry;
    if (storagePath === null || kind !== "file" || !isNeeded(path)) return [];
    const deployment = deploymentOf(context, entry);
    const stored = storedAt(context, storagePath, path);
    if (deployment === null || !isMeant(entry, deployment)) return [];
    if (stored === null || stored === "absent" || stored.type !== "file" || stored.size > 0) return [];
    const target = storedPath(storagePath, path);
    const why =
      hostKeyType(path) === null
        ? "a program that reads it finds nothing"
        : "`sshd` does not take it, and may not start";
    const from = oldCopy(context, path);
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        message: `${target} is empty on ${context.scan.host}: ${why}. Put the right file there.`,
        fixes:
          from === null
            ? []
            : copyFix(context, `Bring ${path} back from the older root`, { from, storage: storagePath, path, kind }),
      },
    ];
  });
}
