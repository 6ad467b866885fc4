import type { Problem, Rule, RuleContext } from "./rule";
import { writtenIn } from "./support/declared";
import { rewritePath, safely, shown } from "./support/text";

export const rule: Rule = {
  id: "unnormalised-path",
  level: "hint",
  title: "Slashes that are not needed",
  doc: `A trailing slash, a doubled slash or a \`/./\` does no harm: the modules normalise slashes. But the same path in two spellings is hard to
search for and easy to list twice.`,
  check,
  examples: [
    {
      title: "A trailing slash",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log/" ];
  #                                                  ^^^^^^^^^^^ Write "/var/log"
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" ];
}
`,
    },
    {
      title: "In an entry of a user",
      text: `{
  environment.persistence."/persist" = {
    users.josh.directories = [
      { directory = ".config//Code/"; mode = "0700"; }
      #             ^^^^^^^^^^^^^^^^ Write ".config/Code"
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    users.josh.directories = [
      { directory = ".config/Code"; mode = "0700"; }
    ];
  };
}
`,
    },
    {
      title: "A dot that says nothing",
      text: `{
  preservation.preserveAt."/persist".files = [ ''/etc/./machine-id'' ];
  #                                            ^^^^^^^^^^^^^^^^^^^^^ Write "/etc/machine-id"
}
`,
      fixed: `{
  preservation.preserveAt."/persist".files = [ ''/etc/machine-id'' ];
}
`,
    },
    {
      title: "Names that only look similar",
      text: `{
  environment.persistence."/persist".directories = [ "/" "/srv/.hidden" "/srv/a. b" "/srv/..data" ];
}
`,
    },
    {
      title: "Computed paths are not judged",
      text: `{ config, ... }:
{
  environment.persistence."/persist".directories = [ "\${config.services.x.dataDir}/" ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  return writtenIn(context).flatMap(({ entry }): Problem[] => {
    const path = tidy(entry.written);
    if (path === entry.written || path === "") return [];
    const fixes = safely(rewritePath(context.file.text, entry, path));
    // What a computation puts together is nobody's spelling.
    if (entry.certainty !== "literal" && fixes.length === 0) return [];
    return [
      {
        span: entry.pathSpan,
        message: `${shown(entry.written)} has ${/(?:^|\/)\.(?:\/|$)/.test(entry.written) ? "dots" : "slashes"} that are not needed. Write ${shown(path)}.`,
        fixes,
      },
    ];
  });
}

function tidy(written: string): string {
  const dotless = written.replace(/\/(?:\.?\/)+/g, "/").replace(/\/\.$/, "/");
  return dotless.length > 1 ? dotless.replace(/\/$/, "") : dotless;
}
