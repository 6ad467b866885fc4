import type { LiveContext, LiveEntry, LiveProblem, LiveRule } from "./rule";
import { entryPlace } from "./support/places";
import { deploymentOf } from "./support/state";

export const rule: LiveRule = {
  id: "not-deployed",
  level: "info",
  title: "A declared path is not in place on the host yet",
  doc: `The configuration persists the path, but when the host was scanned it was neither mounted from the storage nor a link into it: the host runs with
an older configuration, or the unit that puts it in place failed (\`systemctl --failed\`). What is written there is lost at the next reboot.

Switch to the configuration and scan again. Where several entries of a file wait they are told as one, on the first of them.`,
  check,
  examples: [
    {
      title: "One path",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/var/lib/new" ];
  #                                                             ^^^^^^^^^^^^^^ /var/lib/new is not in place on juni
}
`,
      host: `
/var/log mounted
`,
    },
    {
      title: "Several",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/srv/a" "/srv/b" ];
    #                          ^^^^^^^^ 3 paths of this file are not in place on juni
    users.josh.files = [ ".netrc" ];
  };
}
`,
      host: `
/var/log mounted
`,
    },
    {
      title: "Mounted, linked, or in a folder that is persisted",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/var/lib" "/var/lib/app" ];
    files = [ "/etc/machine-id" ];
  };
}
`,
      host: `
/var/log mounted
/var/lib mounted
/etc/machine-id -> /persist/etc/machine-id
`,
    },
    {
      title: "A condition that is not known, and a path that has a file system of its own",
      text: `{ lib, enabled, ... }:
{
  environment.persistence."/persist".directories = lib.optional enabled "/srv/a" ++ [ "/srv/b" ];
}
`,
      host: `
/srv/b mounted elsewhere
`,
    },
  ],
};

/** Paths named in one message. */
const maximumNamed = 5;

function check(context: LiveContext, claimed: ReadonlySet<string>): LiveProblem[] {
  const waiting = new Map<string, LiveEntry[]>();
  for (const entry of context.entries) {
    if (entry.conditional || claimed.has(entry.path) || deploymentOf(context, entry) !== "no") continue;
    const file = entryPlace(context, entry)?.file ?? "";
    const others = waiting.get(file);
    if (others === undefined) waiting.set(file, [entry]);
    else if (!others.some(({ path }) => path === entry.path)) others.push(entry);
  }
  return [...waiting.values()].flatMap((entries): LiveProblem[] => {
    const [first] = entries;
    if (first === undefined) return [];
    const paths = entries.map(({ path }) => path);
    const named = paths.slice(0, maximumNamed).join(", ") + (paths.length > maximumNamed ? ", …" : "");
    const { host } = context.scan;
    const message =
      paths.length === 1
        ? `${named} is not in place on ${host}: neither mounted from ${first.storagePath} nor a link into it. Switch to this configuration; if that was done, \`systemctl --failed\` tells what failed.`
        : `${paths.length} paths of this file are not in place on ${host}: ${named}. Switch to this configuration; if that was done, \`systemctl --failed\` tells what failed.`;
    return [{ place: entryPlace(context, first), message }];
  });
}
