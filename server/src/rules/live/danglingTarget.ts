import type { LiveContext, LiveEntry, LiveFix, LiveProblem, LiveRule } from "./rule";
import { hostKeyType, isNeeded, makeHostKey } from "./support/keys";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { commandsFix, copyFix, foldersFor, oldCopy } from "./support/seed";
import { deploymentOf, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "dangling-target",
  level: "hint",
  title: "A persisted file is a link that leads nowhere",
  doc: `impermanence links a file that the storage does not have. Some programs write through the link, and the file is there from then on. Others do not:
\`sshd\` removes the link and makes a new key on the root, so that the host's key is another one after each boot; programs that only read find
nothing.

For host keys, the machine id and secrets it is a warning. Put the file into the storage, or remove the entry. In preservation, write
\`how = "symlink"\` and \`configureParent = true\` for host keys: it mounts an empty file otherwise, which sshd does not take.

Sources: impermanence's \`mount-file.bash\`; its issues [101](https://github.com/nix-community/impermanence/issues/101) and
[197](https://github.com/nix-community/impermanence/issues/197).`,
  check,
  examples: [
    {
      title: "A host key",
      text: `{
  environment.persistence."/persist".files = [ "/etc/ssh/ssh_host_ed25519_key" ];
  #                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ juni does not have /persist/etc/ssh/ssh_host_ed25519_key
}
`,
      host: `
/etc/ssh/ssh_host_ed25519_key -> /persist/etc/ssh/ssh_host_ed25519_key
/persist/etc/ssh/
`,
      commands: `
[ -e /persist/etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /persist/etc/ssh/ssh_host_ed25519_key
`,
    },
    {
      title: "A file that the older root still has",
      text: `{
  environment.persistence."/persist".files = [ "/etc/app/license" ];
  #                                            ^^^^^^^^^^^^^^^^^^ leads nowhere
}
`,
      host: `
/etc/app/license lost 100
/etc/app/license -> /persist/etc/app/license
/persist/etc/app/
`,
    },
    {
      title: "Links whose files are there, and files that are mounted",
      text: `{
  environment.persistence."/persist".files = [ "/etc/a" "/etc/b" ];
}
`,
      host: `
/etc/a -> /persist/etc/a
/etc/b 100 mounted
/persist/etc/a 100
`,
    },
    {
      title: "A part of the storage that was not looked at",
      text: `{
  environment.persistence."/persist".files = [ "/etc/app/a" ];
}
`,
      host: `
/etc/app/a -> /persist/etc/app/a
/persist/etc/app/ full
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, storagePath } = entry;
    if (storagePath === null || kind !== "file" || deploymentOf(context, entry) !== "linked") return [];
    if (storedAt(context, storagePath, path) !== "absent") return [];
    const keys = hostKeyType(path) === null ? "" : " `sshd` removes the link and makes a new key at each boot.";
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        level: isNeeded(path) ? "warning" : "hint",
        message: `${path} leads nowhere: ${context.scan.host} does not have ${storedPath(storagePath, path)}.${keys} Put the file there, or let the program that needs it write it.`,
        fixes: fixesFor(context, entry, storagePath),
      },
    ];
  });
}

function fixesFor(context: LiveContext, { path, kind }: LiveEntry, storage: string): LiveFix[] {
  const from = oldCopy(context, path);
  if (from !== null) return copyFix(context, `Bring ${path} back from the older root`, { from, storage, path, kind });
  const type = hostKeyType(path);
  if (type === null) return [];
  const stored = storedPath(storage, path);
  return commandsFix(context, `Make a host key at ${stored}`, [
    ...foldersFor(context, storage, path),
    makeHostKey(stored, type),
  ]);
}
