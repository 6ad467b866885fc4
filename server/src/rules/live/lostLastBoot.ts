import type { Candidate } from "../../hosts/model";
import { formatBytes } from "../../knowledge/text";
import type { LiveContext, LiveFix, LiveProblem, LiveRule } from "./rule";
import { candidateProblems, targetOf } from "./support/candidates";
import { storageFor } from "./support/places";
import { copyFix, oldFolder } from "./support/seed";

export const rule: LiveRule = {
  id: "lost-last-boot",
  level: "warning",
  title: "A path was lost at the last boot",
  doc: `The older root that the host kept has the path, the root of now does not, and nothing persists it: it was lost when the host booted. The message
says where the older root still has it, until that is deleted.

Persist the path, and bring the old copy into the storage; the fixes do the one and show the commands for the other. Nothing that is there is
overwritten. What is not surely worth keeping is told as information.`,
  check,
  examples: [
    {
      title: "State of a service",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  #                                  ^^^^^^^^^^^ The older root still has it: /.snapshots/old_roots/2026-11-21_09-30-00/var/lib/headscale
}
`,
      host: `
/var/lib/headscale/ headscale 0750 lost
/var/lib/headscale/db.sqlite headscale 9000 lost
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    { directory = "/var/lib/headscale"; user = "headscale"; group = "headscale"; mode = "0750"; }
  ];
}
`,
      commands: `
[ -e /persist/var ] || install -d -o root -g root -m 0755 -- /persist/var
[ -e /persist/var/lib ] || install -d -o root -g root -m 0755 -- /persist/var/lib
[ -e /persist/var/lib/headscale ] || cp -a --reflink=auto -T -- /.snapshots/old_roots/2026-11-21_09-30-00/var/lib/headscale /persist/var/lib/headscale
diff -rq --no-dereference -- /.snapshots/old_roots/2026-11-21_09-30-00/var/lib/headscale /persist/var/lib/headscale
`,
    },
    {
      title: "What is there, and what is persisted by now",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/headscale" ];
}
`,
      host: `
/var/lib/headscale/db.sqlite headscale 9000 lost
/var/lib/forgejo/app.ini forgejo 300
`,
    },
    {
      title: "A root that no boot wipes",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      host: `
root btrfs old
/var/lib/headscale/db.sqlite headscale 9000 lost
`,
    },
    {
      title: "A comment",
      text: `{
  # tidemark-ignore lost-last-boot
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      host: `
/var/lib/headscale/db.sqlite headscale 9000 lost
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const { report, scan } = context;
  // Of a root that no boot wipes, what an older snapshot has was deleted by someone.
  if (report.inventory) return [];
  const candidates = report.candidates.filter(({ verdict, status }) => verdict !== "ignore" && status === "lost");
  const oldRoot = oldFolder(scan);
  return candidateProblems(context, candidates, {
    message: ({ path, about, bytes, user, unwritable }) => {
      const cannot = unwritable === null ? "" : ` It cannot be written here: ${unwritable}.`;
      const where = oldRoot === null ? "" : ` The older root still has it: ${oldRoot}${path}.`;
      return `${path} (${formatBytes(bytes)}, owned by ${user}) was lost at the last boot of ${scan.host}: ${about}${where}${cannot}`;
    },
    level: ({ verdict }) => (verdict === "persist" ? "warning" : "info"),
    more: (candidate) => (oldRoot === null ? [] : bringBack(context, candidate, oldRoot)),
    counted: (count, more) =>
      `${count} ${more ? "more " : ""}${count === 1 ? "path was" : "paths were"} lost at the last boot of ${scan.host}. The quick fixes list ${count === 1 ? "it" : "them"}.`,
  });
}

function bringBack(context: LiveContext, candidate: Candidate, oldRoot: string): LiveFix[] {
  const { path, kind } = candidate;
  const storage = storageFor(context, targetOf(candidate));
  if (storage === null) return [];
  return copyFix(context, `Bring ${path} back from the older root`, { from: `${oldRoot}${path}`, storage, path, kind });
}
