import { putAsideEnding } from "../../knowledge/noise";
import type { LiveContext, LiveEntry, LiveProblem, LiveRule } from "./rule";
import { step } from "./support/commands";
import { dataAt } from "./support/data";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { commandsFix, copyFix, mountFirst } from "./support/seed";
import { deploymentOf, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "existing-file-blocks",
  level: "error",
  title: "A file is in the way of a persisted one",
  doc: `impermanence puts a persisted file in place only where there is none, or an empty one. Where the host has a file at the path that is not the
stored one, the unit stops with \`A file already exists at …\`, and switching to the configuration reports a failure. After a reboot the root is
empty and the stored file is put in place, without what the other one held.

Copy the file into the storage and move it out of the way, then switch. The fix shows the commands: the copy overwrites nothing, and the file is
moved only if both are the same.

preservation does not stop: a link is not made where a file or a folder is, so that the entry does nothing until the next boot. There it is a warning.

Sources: impermanence's \`mount-file.bash\`; its issues [122](https://github.com/nix-community/impermanence/issues/122) and
[235](https://github.com/nix-community/impermanence/issues/235).`,
  check,
  examples: [
    {
      title: "A key that was made before it was persisted",
      text: `{
  environment.persistence."/persist".files = [ "/etc/app/key.pem" ];
  #                                            ^^^^^^^^^^^^^^^^^^ juni has a file of 1.7 kB at /etc/app/key.pem
}
`,
      host: `
/etc/app/ 0750
/etc/app/key.pem 1700 0600
/persist/etc/
`,
      commands: `
[ -e /persist/etc/app ] || install -d -o root -g root -m 0750 -- /persist/etc/app
[ -e /persist/etc/app/key.pem ] || cp -a --reflink=auto -T -- /etc/app/key.pem /persist/etc/app/key.pem
cmp -- /etc/app/key.pem /persist/etc/app/key.pem
cmp -s -- /etc/app/key.pem /persist/etc/app/key.pem && mv -nT -- /etc/app/key.pem /etc/app/key.pem.before-persist
`,
    },
    {
      title: "A link of preservation's",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".files = [ { file = "/etc/app.conf"; how = "symlink"; } ];
  #                                                     ^^^^^^^^^^^^^^^ stays as it is
}
`,
      host: `
/etc/app.conf 100
/persist/etc/app.conf 100
`,
      commands: `
cmp -- /etc/app.conf /persist/etc/app.conf
cmp -s -- /etc/app.conf /persist/etc/app.conf && mv -nT -- /etc/app.conf /etc/app.conf.before-persist
`,
    },
    {
      title: "A folder that preservation links",
      text: `{
  preservation.enable = true;
  preservation.preserveAt."/persist".directories = [ { directory = "/var/lib/app"; how = "symlink"; } ];
  #                                                                ^^^^^^^^^^^^^^ juni has a folder with 1 file (300 B) at /var/lib/app
}
`,
      host: `
/var/lib/app/data 300
/persist/var/lib/
`,
      commands: `
[ -e /persist/var/lib/app ] || cp -a --reflink=auto -T -- /var/lib/app /persist/var/lib/app
diff -rq --no-dereference -- /var/lib/app /persist/var/lib/app
diff -rq --no-dereference -- /var/lib/app /persist/var/lib/app && mv -nT -- /var/lib/app /var/lib/app.before-persist
`,
    },
    {
      title: "A file that the storage has, too",
      text: `{
  environment.persistence."/persist".files = [ "/etc/app.key" ];
  #                                            ^^^^^^^^^^^^^^ /persist/etc/app.key is there, too
}
`,
      host: `
/etc/app.key 100
/persist/etc/app.key 300
`,
      commands: `
cmp -- /etc/app.key /persist/etc/app.key
cmp -s -- /etc/app.key /persist/etc/app.key && mv -nT -- /etc/app.key /etc/app.key.before-persist
`,
    },
    {
      title: "In place, empty, or not there",
      text: `{
  environment.persistence."/persist".files = [ "/etc/machine-id" "/etc/adjtime" "/etc/a.key" "/etc/b.key" ];
}
`,
      host: `
/etc/machine-id 33 mounted
/etc/adjtime -> /persist/etc/adjtime
/etc/a.key 0
`,
    },
    {
      title: "Links that NixOS made",
      text: `{
  environment.persistence."/persist".files = [ "/etc/hosts" ];
}
`,
      host: `
/etc/hosts -> /etc/static/hosts
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, module, method, storagePath, conditional } = entry;
    if (storagePath === null || conditional || deploymentOf(context, entry) !== "no") return [];
    const links = module === "preservation";
    if (links ? method !== "link" : kind !== "file") return [];
    const has = hasAt(context, entry);
    if (has === null) return [];
    const target = storedPath(storagePath, path);
    const stored = storedAt(context, storagePath, path);
    const filled = stored !== null && stored !== "absent" && stored.empty !== true;
    const why = links
      ? "which no link takes the place of: it stays as it is until the next reboot, and is not kept"
      : 'and impermanence replaces none ("A file already exists"): switching fails there';
    // What the storage has may be the right one: nobody is told to copy over it.
    const then = filled
      ? `${target} is there, too: compare them, let the right one be there, and move ${path} away.`
      : `Copy it to ${target} and move it away${links ? "" : " first"}.${mountFirst(context, storagePath)}`;
    const compare = kind === "file" ? ["cmp", "-s", "--"] : ["diff", "-rq", "--no-dereference", "--"];
    const moved = `${path}${putAsideEnding}`;
    const move = step(
      `Moves ${path} out of the way, if both are the same.`,
      ...[...compare, path, target, { syntax: "&&" }, "mv", "-nT", "--", path, moved],
    );
    const shown = kind === "file" ? ["cmp", "--"] : compare;
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        level: links ? "warning" : "error",
        message: `${context.scan.host} has a ${has} at ${path}, ${why}. ${then}`,
        fixes: filled
          ? commandsFix(context, `Compare ${path} with the storage and move it out of the way`, [
              step("Compares them: says nothing if they are the same.", ...shown, path, target),
              move,
            ])
          : copyFix(
              context,
              `Copy ${path} into the storage and move it out of the way`,
              { from: path, storage: storagePath, path, kind },
              [move],
            ),
      },
    ];
  });
}

/** What is in the way, in words; null where that is nothing, or not known. */
function hasAt(context: LiveContext, entry: LiveEntry): string | null {
  const data = dataAt(context, entry);
  if (data === null) return null;
  return entry.kind === "file" ? `file of ${data}` : `folder with ${data}`;
}
