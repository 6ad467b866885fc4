import { formatBytes } from "../../knowledge/text";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { step } from "./support/commands";
import { storedPath } from "./support/paths";
import { entryPlace } from "./support/places";
import { copyFix } from "./support/seed";
import { deploymentOf, liveAt } from "./support/state";

export const rule: LiveRule = {
  id: "existing-file-blocks",
  level: "error",
  title: "A file is in the way of a persisted one",
  doc: `impermanence puts a persisted file in place only where there is none, or an empty one. Where the host has a file at the path that is not the
stored one, the unit stops with \`A file already exists at …\`, and switching to the configuration reports a failure. After a reboot the root is
empty and the stored file is put in place, without what the other one held.

Copy the file into the storage and move it out of the way, then switch. The fix shows the commands: the copy overwrites nothing, and the file is
moved only if both are the same.

preservation does not stop: a link is not made where a file is, so that the entry does nothing until the next boot. There it is a warning.

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
[ -s /persist/etc/app.conf ] || cp -a --reflink=auto -T -- /etc/app.conf /persist/etc/app.conf
cmp -- /etc/app.conf /persist/etc/app.conf
cmp -s -- /etc/app.conf /persist/etc/app.conf && mv -nT -- /etc/app.conf /etc/app.conf.before-persist
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
  const { host } = context.scan;
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, module, method, storagePath, conditional } = entry;
    if (storagePath === null || conditional || kind !== "file" || deploymentOf(context, entry) !== "no") return [];
    const links = module === "preservation";
    if (links && method !== "link") return [];
    const live = liveAt(context, path);
    if (live === null || live === "absent" || live.type !== "file" || live.size === 0) return [];
    const stored = storedPath(storagePath, path);
    const moved = `${path}.before-persist`;
    const same = ["cmp", "-s", "--", path, stored, { syntax: "&&" }];
    const copy = { from: path, storage: storagePath, path, kind } as const;
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        level: links ? "warning" : "error",
        message: links
          ? `${host} has a file of ${formatBytes(live.size)} at ${path}, which no link takes the place of: it stays as it is until the next reboot, and is not kept. Copy it to ${stored} and move it away.`
          : `${host} has a file of ${formatBytes(live.size)} at ${path}, and impermanence replaces none ("A file already exists"): switching fails there. Copy it to ${stored} and move it away first.`,
        fixes: copyFix(context, `Copy ${path} into the storage and move it out of the way`, copy, [
          step(`Moves ${path} out of the way, if both are the same.`, ...same, "mv", "-nT", "--", path, moved),
        ]),
      },
    ];
  });
}
