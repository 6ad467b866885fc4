import type { Candidate } from "../../hosts/model";
import type { LiveContext, LiveProblem, LiveRule } from "./rule";
import { candidateProblems } from "./support/candidates";

export const rule: LiveRule = {
  id: "unpersisted",
  level: "info",
  title: "A path of the scanned host would be lost",
  doc: `What lies on the root of the scanned host and is not persisted is gone after the next reboot. Each path that is worth a decision is shown on
the list it would be written to, the most important ones first, with what it is and what losing it costs; \`tidemark.scan.limit\` sets how many
are shown one by one, and one line counts the others.

The fix writes the path among its like, with the owner and mode it has on the host. As soon as it is written the path is no longer shown.
What nobody wants to decide about again, the fixes **Ignore … on all hosts** and **Ignore … on HOST** write into \`.tidemarkignore\`, at the root
of the repository.`,
  check,
  examples: [
    {
      title: "State of a service",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  #                                  ^^^^^^^^^^^ /var/lib/headscale would be lost at the next reboot of juni
}
`,
      host: `
/var/lib/headscale/ headscale 0750
/var/lib/headscale/db.sqlite headscale 9000
/var/log mounted
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    { directory = "/var/lib/headscale"; user = "headscale"; group = "headscale"; mode = "0750"; }
  ];
}
`,
    },
    {
      title: "On a root that is not ephemeral",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  #                                  ^^^^^^^^^^^ once the root of juni is ephemeral
}
`,
      host: `
root ext4
/var/lib/headscale/ headscale 0750
/var/lib/headscale/db.sqlite headscale 9000
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    { directory = "/var/lib/headscale"; user = "headscale"; group = "headscale"; mode = "0750"; }
  ];
}
`,
    },
    {
      title: "On a root of which it is not known whether a boot wipes it",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
  #                                  ^^^^^^^^^^^ if a boot wipes the root of juni, which is not known
}
`,
      host: `
root unknown
/var/lib/headscale/ headscale 0750
/var/lib/headscale/db.sqlite headscale 9000
`,
      fixed: `{
  environment.persistence."/persist".directories = [
    "/var/log"
    { directory = "/var/lib/headscale"; user = "headscale"; group = "headscale"; mode = "0750"; }
  ];
}
`,
    },
    {
      title: "What is persisted, and what is made anew at each boot",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/headscale" ];
}
`,
      host: `
/var/lib/headscale/db.sqlite headscale 9000
/etc/resolv.conf 200
`,
    },
    {
      title: "A comment",
      text: `{
  # tidemark-ignore unpersisted
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
      host: `
/var/lib/headscale/db.sqlite headscale 9000
`,
    },
  ],
};

function check(context: LiveContext): LiveProblem[] {
  const { report, scan } = context;
  const candidates = report.candidates.filter(({ verdict, status }) => verdict !== "ignore" && status !== "lost");
  const when = whenOf(report, scan.host);
  return candidateProblems(context, candidates, {
    message: (candidate) => `${candidate.path} ${when}: ${candidate.reason}${unwritable(candidate)}`,
    level: () => undefined,
    more: () => [],
    counted: (count, more) =>
      `${count} ${more ? "more " : ""}${count === 1 ? "path" : "paths"} ${when}. The quick fixes list ${count === 1 ? "it" : "them"}.`,
  });
}

function whenOf({ inventory, root }: LiveContext["report"], host: string): string {
  if (inventory) return `would be lost once the root of ${host} is ephemeral`;
  if (root.ephemeral === null) return `would be lost if a boot wipes the root of ${host}, which is not known`;
  return `would be lost at the next reboot of ${host}`;
}

function unwritable({ unwritable: reason }: Candidate): string {
  return reason === null ? "" : ` It cannot be written here: ${reason}.`;
}
