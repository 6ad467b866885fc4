import { type AtomicRewrite, atomicRewrite } from "../../knowledge/atomic";
import type { LiveContext, LiveEntry, LiveProblem, LiveRule } from "./rule";
import { step, unlessThere } from "./support/commands";
import { storedPath } from "./support/paths";
import { entryPlace, homeOf } from "./support/places";
import { commandsFix } from "./support/seed";
import { deploymentOf, isMeant, liveAt, storedAt } from "./support/state";

export const rule: LiveRule = {
  id: "atomic-rewrite-seen",
  level: "warning",
  title: "A persisted file was replaced by an ordinary one",
  doc: `The file is stored, and other entries of the storage are in place, but at its path the host has an ordinary file that is newer and another one:
some program saved by writing a new file and renaming it over the link, so that the link is gone. What the program writes stays on the root and
is lost at the next reboot; then the stored file is back, as it was.

Persist the folder that the file lies in, or what the message names. The fix shows how to put the newer file beside the stored one, for you to
compare them: which of the two is right Tidemark cannot know.`,
  check,
  examples: [
    {
      title: "A file of the desktop's",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ];
    users.josh.files = [ ".config/monitors.xml" ];
    #                    ^^^^^^^^^^^^^^^^^^^^^^ is an ordinary file on juni
  };
}
`,
      host: `
/var/log mounted
/home/josh/.config/monitors.xml josh 400 0d
/persist/home/josh/.config/monitors.xml josh 300 9d
`,
      commands: `
[ -e /persist/home/josh/.config/monitors.xml.newer ] || cp -a --reflink=auto -T -- /home/josh/.config/monitors.xml /persist/home/josh/.config/monitors.xml.newer
diff -- /persist/home/josh/.config/monitors.xml /persist/home/josh/.config/monitors.xml.newer
`,
    },
    {
      title: "Nothing of the storage is in place: it was not switched to yet",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/srv/x" ];
    users.josh.files = [ ".config/monitors.xml" ];
  };
}
`,
      host: `
/home/josh/.config/monitors.xml josh 400 0d
/persist/home/josh/.config/monitors.xml josh 300 9d
`,
    },
    {
      title: "A copy that was put into the storage just now",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ];
    users.josh.files = [ ".netrc" ];
  };
}
`,
      host: `
/var/log mounted
/home/josh/.netrc josh 400 2d
/persist/home/josh/.netrc josh 400 2d
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const inPlace = new Set(
    context.entries.flatMap((entry) => {
      const deployment = deploymentOf(context, entry);
      return deployment === "mounted" || deployment === "linked" ? [entry.storagePath] : [];
    }),
  );
  return context.entries.flatMap((entry): LiveProblem[] => {
    const { path, kind, storagePath } = entry;
    const deployment = deploymentOf(context, entry);
    if (storagePath === null || kind !== "file" || deployment !== "no" || !isMeant(entry, deployment)) return [];
    const live = liveAt(context, path);
    const stored = storedAt(context, storagePath, path);
    if (live === null || live === "absent" || stored === null || stored === "absent") return [];
    if (live.type !== "file" || stored.type !== "file" || live.size === 0 || stored.size === 0) return [];
    if (!inPlace.has(storagePath) || live.mtime <= stored.mtime) return [];
    // The same size may be the same contents: then nothing is stale.
    if (live.size === stored.size && knownRewrite(context, entry) === null) return [];
    const target = storedPath(storagePath, path);
    const newer = `${target}.newer`;
    return [
      {
        place: entryPlace(context, entry),
        about: path,
        message: `${path} is an ordinary file on ${context.scan.host}, while other entries of ${storagePath} are in place: ${writerOf(context, entry)}, and ${target} is older. What is written now is lost when a boot wipes the root. ${insteadOf(context, entry)}`,
        fixes: commandsFix(context, `Put the newer file beside ${target}`, [
          step(
            `Copies ${path} beside the stored file; rename it yourself if it is the right one.`,
            ...unlessThere(newer),
            ...["cp", "-a", "--reflink=auto", "-T", "--", path, newer],
          ),
          step("Shows in what they differ.", "diff", "--", target, newer),
        ]),
      },
    ];
  });
}

function knownRewrite(context: LiveContext, { path }: LiveEntry): AtomicRewrite | null {
  return atomicRewrite(path, homeOf(context, path)?.home ?? null);
}

function writerOf(context: LiveContext, entry: LiveEntry): string {
  return `${knownRewrite(context, entry)?.program ?? "a program"} put a new file in its place`;
}

function insteadOf(context: LiveContext, entry: LiveEntry): string {
  return knownRewrite(context, entry)?.instead ?? "Persist the folder it lies in instead.";
}
