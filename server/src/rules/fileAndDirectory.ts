import type { Problem, Rule, RuleContext } from "./rule";
import { type Declared, declaredOn, identity, writtenIn } from "./support/declared";
import { removeEntry, shown } from "./support/text";

export const rule: Rule = {
  id: "file-and-directory",
  level: "warning",
  title: "One path is persisted as a file and as a directory",
  doc: `A path can be a file or a directory, not both. The modules accept it in both lists, but on the host only one of the two can be set up;
the other fails, and which one depends on what lies in the storage. Remove the entry from the list it does not belong to.`,
  check,
  examples: [
    {
      title: "In both lists of a storage",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/etc/machine-id" ];
    files = [
      "/etc/machine-id"
    # ^^^^^^^^^^^^^^^^^ listed as a file and as a directory
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" "/etc/machine-id" ];
    files = [
    ];
  };
}
`,
    },
    {
      title: "With dotted names",
      text: `{
  preservation.preserveAt."/persist".files = [ "/srv/data" ];
  preservation.preserveAt."/persist".directories = [ { directory = "/srv/data"; } ];
  #                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ listed as a file and as a directory
}
`,
      fixed: `{
  preservation.preserveAt."/persist".files = [ "/srv/data" ];
  preservation.preserveAt."/persist".directories = [ ];
}
`,
    },
    {
      title: "For a user",
      text: `{
  environment.persistence."/persist".users.josh = {
    files = [ ".config/zellij" ];
    directories = [ "Documents" ".config/zellij" ];
    #                           ^^^^^^^^^^^^^^^^ listed as a file and as a directory
  };
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh = {
    files = [ ".config/zellij" ];
    directories = [ "Documents" ];
  };
}
`,
    },
    {
      title: "A file of one user, a directory of another",
      text: `{
  environment.persistence."/persist".users = {
    josh.files = [ ".config/zellij" ];
    ann.directories = [ ".config/zellij" ];
  };
}
`,
    },
    {
      title: "One or the other, depending on a condition",
      text: `{ lib, config, ... }:
{
  environment.persistence."/persist" = {
    files = lib.optional config.x "/srv/data";
    directories = lib.optional (!config.x) "/srv/data";
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const firsts = new Map<string, Declared>();
  for (const declared of declaredOn(context)) {
    const key = keyOf(declared, declared.entry.kind);
    if (key !== null && !firsts.has(key)) firsts.set(key, declared);
  }
  return writtenIn(context).flatMap((declared): Problem[] => {
    const key = keyOf(declared, declared.entry.kind === "file" ? "directory" : "file");
    const other = key === null ? undefined : firsts.get(key);
    if (other === undefined || isLater(other, declared)) return [];
    return [problemAt(context, declared, other)];
  });
}

function keyOf(declared: Declared, kind: string): string | null {
  if (!declared.certain || declared.path === null) return null;
  return `${kind}\0${identity(declared)}`;
}

/** Within one file only the later of the two is reported. */
function isLater(other: Declared, declared: Declared): boolean {
  return other.file === declared.file && other.entry.span.start > declared.entry.span.start;
}

function problemAt({ file }: RuleContext, declared: Declared, other: Declared): Problem {
  const path = shown(declared.path ?? declared.entry.written);
  const elsewhere = other.file === file ? "" : " in another file of this host";
  const fixes = removeEntry(file.text, declared.entry, `Remove ${path} from \`${declared.list.list}\``);
  if (other.file === file && writtenInList(other))
    fixes.push(...removeEntry(file.text, other.entry, `Remove ${path} from \`${other.list.list}\``));
  return {
    span: declared.entry.span,
    message: `${path} is listed as a file and as a directory${elsewhere}; only one of them can be set up. Remove the wrong one.`,
    fixes,
    related: [{ file: other.file.name, span: other.entry.span, message: `here it is a ${other.entry.kind}` }],
  };
}

function writtenInList({ list, entry }: Declared): boolean {
  return list.span.start <= entry.span.start && entry.span.end <= list.span.end;
}
