import { isBelow, join, normalise, unknownHome } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { homesOn, writtenIn } from "./support/declared";
import { trustedBlocks } from "./support/options";
import { rewritePath, shown } from "./support/text";

export const rule: Rule = {
  id: "absolute-user-path",
  level: "warning",
  title: "An absolute path in a user's list",
  doc: `Paths of a user are always put behind the home directory, also when they begin with a slash: \`/home/josh/.ssh\` in the list of josh
becomes \`/home/josh/home/josh/.ssh\`. The directory that was meant is lost at the next boot. A \`~/\` is not expanded either.

Write the path relative to the home directory, or put a path outside it into the system's list.`,
  check,
  examples: [
    {
      title: "The home directory written out",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    "/home/josh/.ssh"
  # ^^^^^^^^^^^^^^^^^ becomes "/home/josh/home/josh/.ssh"
  ];
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh.directories = [
    ".ssh"
  ];
}
`,
    },
    {
      title: "A home directory elsewhere, in preservation",
      text: `{
  users.users.josh.home = "/data/josh";
  preservation.preserveAt."/persist".users.josh = {
    files = [ { file = "/data/josh/.netrc"; mode = "0600"; } ];
    #                  ^^^^^^^^^^^^^^^^^^^ becomes "/data/josh/data/josh/.netrc"
  };
}
`,
      fixed: `{
  users.users.josh.home = "/data/josh";
  preservation.preserveAt."/persist".users.josh = {
    files = [ { file = ".netrc"; mode = "0600"; } ];
  };
}
`,
    },
    {
      title: "A tilde",
      text: `{
  home-manager.users.josh.home.persistence."/persist".directories = [ "~/Documents" ];
  #                                                                   ^^^^^^^^^^^^^ becomes "/home/josh/~/Documents"
}
`,
      fixed: `{
  home-manager.users.josh.home.persistence."/persist".directories = [ "Documents" ];
}
`,
    },
    {
      title: "A path of the system",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ "/var/lib/docker" ];
  #                                                             ^^^^^^^^^^^^^^^^^ becomes "/home/josh/var/lib/docker"
}
`,
    },
    {
      title: "A leading slash that does no harm",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ "/.ssh" "/Documents" ];
}
`,
    },
    {
      title: "System lists, and users that are not known",
      text: `{ name, ... }:
{
  environment.persistence."/persist" = {
    directories = [ "/home/josh/.ssh" ];
    users.\${name}.directories = [ "/home/josh/.ssh" ];
  };
  home.persistence."/persist".directories = [ "/home/josh/.ssh" ];
}
`,
    },
  ],
};

/** First segments of paths nobody has below a home directory. */
const ofTheSystem = new Set([
  "bin",
  "boot",
  "dev",
  "etc",
  "home",
  "mnt",
  "nix",
  "opt",
  "persist",
  "persistent",
  "proc",
  "root",
  "run",
  "srv",
  "sys",
  "usr",
  "var",
]);

function check(context: RuleContext): Problem[] {
  const homeOf = homesOn(context.host);
  const trusted = new Set(trustedBlocks(context));
  return writtenIn(context).flatMap(({ entry, list, block }): Problem[] => {
    if (list.scope.kind !== "user" || !trusted.has(block)) return [];
    const { user } = list.scope;
    // A data file may be for several users; none of them has the home directory of another in his own.
    const home = user !== null ? homeOf(user) : block.forwarded === true ? unknownHome : null;
    if (home === null) return [];
    const meant = pathMeant(entry.written, user === null ? someHome(entry.written) : normalise(home));
    if (meant === null) return [];
    const advice =
      meant.inHome === null ? "A path outside the home belongs in the system's list." : `Write ${shown(meant.inHome)}.`;
    return [
      {
        span: entry.pathSpan,
        message: `Paths of a user are relative to the home directory, so ${shown(entry.written)} becomes ${shown(join(home, entry.written))}. ${advice}`,
        fixes: meant.inHome === null ? [] : rewritePath(context.file.text, entry, meant.inHome),
      },
    ];
  });
}

/** The home directory a path begins with, where it is one as NixOS makes them. */
function someHome(written: string): string {
  return /^\/+home\/+[^/]+/.exec(written)?.[0].replace(/\/+/g, "/") ?? unknownHome;
}

/** What an entry was meant to be, relative to the home where it lies in it; null where the entry is fine. */
function pathMeant(written: string, home: string): { inHome: string | null } | null {
  if (/^~\/+[^/]/.test(written)) return { inHome: written.replace(/^~\/+/, "") };
  if (!written.startsWith("/")) return null;
  const path = normalise(written);
  if (isBelow(path, home)) return { inHome: home === "/" ? path.slice(1) : path.slice(home.length + 1) };
  return ofTheSystem.has(path.split("/")[1] ?? "") ? { inHome: null } : null;
}
