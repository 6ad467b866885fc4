import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { type Declared, declaredOn, identity, writtenIn } from "./support/declared";
import { type EvaluatedEntry, isAt, sameOn } from "./support/evaluated";
import { removeEntry, safely, shown } from "./support/text";

export const rule: Rule = {
  id: "duplicate-path",
  level: "error",
  title: "The same path is persisted twice",
  doc: `impermanence counts over all storages, users and Home Manager users of a host together, after normalising slashes: a path that is listed
twice among the directories, or twice among the files, fails an assertion and the host cannot be rebuilt. preservation does not check it;
there it is a warning, since only one of the two can take effect.

Entries under a condition (\`lib.mkIf\`, \`lib.optionals\`, \`lib.unique\`), branches of a \`lib.mkMerge\` where one has another priority, and
storages that may be disabled are left out. A path of the system and one of a user are compared where a file states the user's home. Every occurrence
after the first is reported; where the other one is in another file of the host, it is linked.`,
  check,
  examples: [
    {
      title: "Twice in one list",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
      "/var/lib/nixos"
      "/var/log/" # again
    # ^^^^^^^^^^^ "/var/log" is persisted twice in /persist
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/log"
      "/var/lib/nixos"
    ];
  };
}
`,
    },
    {
      title: "In two storages",
      text: `{
  environment.persistence."/persist".directories = [ "/var/log" "/srv" ];
  environment.persistence."/cache".directories = [ "/var/cache" "/var/log" ];
  #                                                             ^^^^^^^^^^ in /persist and again in /cache
}
`,
      fixed: `{
  environment.persistence."/persist".directories = [ "/var/log" "/srv" ];
  environment.persistence."/cache".directories = [ "/var/cache" ];
}
`,
    },
    {
      title: "For a user, once as a set",
      text: `{
  environment.persistence."/persist" = {
    users.josh = {
      directories = [
        ".ssh"
        {
      # ^ persisted twice
          directory = ".ssh";
          mode = "0700";
        }
        "Documents"
      ];
    };
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    users.josh = {
      directories = [
        {
          directory = ".ssh";
          mode = "0700";
        }
        "Documents"
      ];
    };
  };
}
`,
    },
    {
      title: "Once for the system, once for the user",
      text: `{
  users.users.josh.home = "/home/josh";
  environment.persistence."/persist" = {
    files = [ "/home/josh/.netrc" ];
    users.josh.files = [ ".netrc" ];
    #                    ^^^^^^^^ "/home/josh/.netrc" is persisted twice
  };
}
`,
      fixed: `{
  users.users.josh.home = "/home/josh";
  environment.persistence."/persist" = {
    files = [ "/home/josh/.netrc" ];
    users.josh.files = [ ];
  };
}
`,
    },
    {
      title: "preservation accepts it",
      text: `{
  preservation.preserveAt."/persist".directories = [ "/srv" "/srv" ];
  #                                                         ^^^^^^ Only one of them can take effect
}
`,
      fixed: `{
  preservation.preserveAt."/persist".directories = [ "/srv" ];
}
`,
    },
    {
      title: "Two users with the same path",
      text: `{
  environment.persistence."/persist".users = {
    josh.directories = [ ".ssh" ];
    ann.directories = [ ".ssh" ];
  };
}
`,
    },
    {
      title: "Entries that may not take effect",
      text: `{ config, lib, ... }:
{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ] ++ lib.optionals config.x [ "/var/log" ] ++ config.more;
  };
  environment.persistence."/old" = {
    enable = false;
    directories = [ "/var/log" ];
  };
}
`,
    },
    {
      title: "Users that are not known",
      text: `{ first, second, ... }:
{
  environment.persistence."/persist".users = {
    \${first}.directories = [ ".ssh" ];
    \${second}.directories = [ ".ssh" ];
  };
}
`,
    },
    {
      title: "A home directory that no file states",
      text: `{
  environment.persistence."/persist" = {
    files = [ "/home/josh/.netrc" ];
    users.josh.files = [ ".netrc" ];
  };
}
`,
    },
    {
      title: "Lists of which only some take effect",
      text: `{ lib, ... }:
{
  environment.persistence."/persist" = {
    directories = lib.mkMerge [ (lib.mkDefault [ "/srv" ]) [ "/srv" ] ];
    files = lib.mkMerge [ [ "/etc/key" "/etc/key" ] (lib.mkForce [ "/etc/key" ]) ];
  };
}
`,
    },
    {
      title: "Several hosts in one file",
      text: `{
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.a = nixpkgs.lib.nixosSystem {
      modules = [ { environment.persistence."/persist".directories = [ "/var/log" ]; } ];
    };
    nixosConfigurations.b = nixpkgs.lib.nixosSystem {
      modules = [ { environment.persistence."/persist".directories = [ "/var/log" ]; } ];
    };
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const firsts = firstOfEach(context);
  return writtenIn(context).flatMap((declared): Problem[] => {
    const evaluated = doublesOn(context, declared);
    if (evaluated !== null) return evaluated.slice(0, 1).map((other) => problemOn(context, declared, other));
    // Whoever takes a list from a data file may leave out what it says twice; only evaluation can tell.
    if (declared.block.forwarded === true) return [];
    const key = identity(declared);
    if (!declared.certain || key === null) return [];
    const first = firsts.get(`${declared.entry.kind}\0${key}`);
    return first === undefined || isSame(first, declared) ? [] : [problemAt(context, declared, first)];
  });
}

/**
 * The other entries of the same path on a host the file is a part of; null where no evaluated host knows this one, as while it is typed.
 * What evaluation says counts: it knows priorities and conditions of other files.
 */
function doublesOn(context: RuleContext, declared: Declared): readonly EvaluatedEntry[] | null {
  let known = false;
  for (const host of context.evaluated) {
    const same = sameOn(host, context.file, declared);
    known ||= same !== null;
    const isData = declared.block.forwarded === true && !host.files.includes(context.file.name);
    const others =
      same?.filter(({ entry }) => {
        // The host that adds what a data file has already is told so; other hosts need the data file's.
        const isHosts = isData && entry.origin !== undefined && host.files.includes(entry.origin.file);
        return !isHosts && comesFirst(entry, context, declared);
      }) ?? [];
    // The same text may come in twice: `shared ++ shared`.
    const again = same?.filter(({ entry }) => isAt(entry, context.file, declared)).slice(1) ?? [];
    if (others.length + again.length > 0) return [...others, ...again];
  }
  return known ? [] : null;
}

/** Of two in one file only the second is one too many; of two in two files neither comes first. */
function comesFirst({ origin }: EvaluatedEntry["entry"], { file }: RuleContext, { entry }: Declared): boolean {
  return origin?.file !== file.name || origin.span.start < entry.span.start;
}

function problemOn(context: RuleContext, declared: Declared, { entry, block }: EvaluatedEntry): Problem {
  const path = declared.path ?? declared.entry.written;
  const elsewhere = entry.origin !== undefined && entry.origin.file !== context.file.name;
  const [here, there] = [declared.block.storagePath, block.storagePath];
  const where = there !== null && there !== here ? `, in ${there}` : "";
  const what = elsewhere
    ? `${shown(path)} is also persisted in another file of this host${where}`
    : here !== null && there === here
      ? `${shown(path)} is persisted twice in ${here}`
      : `${shown(path)} is persisted twice${where}`;
  const isHarmless = declared.block.module === "preservation";
  return {
    span: declared.entry.span,
    message: isHarmless
      ? `${what}. Only one of them can take effect. Remove one of them.`
      : `${what}; impermanence refuses this with an assertion. Remove one of them.`,
    ...(isHarmless ? { level: "warning" } : {}),
    fixes: removeOne(context, declared, elsewhere ? undefined : writtenAt(context, entry.origin)),
    related: entry.origin === undefined ? [] : [{ ...entry.origin, message: `${shown(path)} is persisted here too` }],
    unnecessary: true,
  };
}

/**
 * What each entry is a double of: the first entry of the same file, or where the file has one only, that of another file.
 * So in a host of two files each says that the other has the path too.
 */
function firstOfEach(context: RuleContext): Map<string, Declared> {
  const own = new Map<string, Declared[]>();
  const other = new Map<string, Declared>();
  for (const declared of declaredOn(context)) {
    const key = `${declared.entry.kind}\0${identity(declared)}`;
    if (!declared.certain || identity(declared) === null) continue;
    if (declared.file !== context.file) {
      if (!other.has(key)) other.set(key, declared);
    } else if (!own.get(key)?.push(declared)) own.set(key, [declared]);
  }
  const firsts = new Map<string, Declared>();
  for (const [key, [first]] of own) {
    const elsewhere = other.get(key);
    if (elsewhere !== undefined) firsts.set(key, elsewhere);
    else if (first !== undefined) firsts.set(key, first);
  }
  return firsts;
}

function isSame(a: Declared, b: Declared): boolean {
  return a.file === b.file && a.entry.span.start === b.entry.span.start;
}

function problemAt(context: RuleContext, declared: Declared, first: Declared): Problem {
  const path = declared.path ?? declared.entry.written;
  const preservation = declared.block.module === "preservation";
  const what = `${shown(path)} is ${place(context, declared, first)}`;
  const message = preservation
    ? `${what}. Only one of them can take effect. Remove one of them.`
    : `${what}; impermanence refuses this with an assertion. Remove one of them.`;
  const fixes = removeOne(context, declared, first);
  return {
    span: declared.entry.span,
    message,
    ...(preservation ? { level: "warning" } : {}),
    fixes: isPlainDouble(context, declared, first) ? safely(fixes) : fixes,
    related: [{ file: first.file.name, span: first.entry.span, message: `${shown(path)} is persisted here too` }],
    unnecessary: true,
  };
}

/** The fix that leaves one of two. Where the first one is a mere path and the other says more, it is the first that goes. */
function removeOne({ file }: RuleContext, declared: Declared, first: Declared | undefined): Fix[] {
  const saysLess =
    first !== undefined &&
    first.file === file &&
    first.list === declared.list &&
    first.entry.form === "string" &&
    declared.entry.settings.length > 0;
  return removeEntry(file.text, saysLess && !first.entry.shared ? first.entry : declared.entry);
}

function writtenAt(context: RuleContext, origin: EvaluatedEntry["entry"]["origin"]): Declared | undefined {
  return writtenIn(context).find(({ entry }) => entry.span.start === origin?.span.start);
}

/**
 * Whether nothing is lost with the double: it sets no options, and the entry that stays is the same user's in the same storage. It must be in the same
 * file too, or both files could lose theirs at once.
 */
function isPlainDouble({ file }: RuleContext, { entry, block, list }: Declared, first: Declared): boolean {
  if (entry.form !== "string" || first.file !== file || block.storagePath === null) return false;
  const [own, other] = [list.scope, first.list.scope].map((scope) => (scope.kind === "user" ? scope.user : "/"));
  return block.storagePath === first.block.storagePath && own === other;
}

function place(context: RuleContext, declared: Declared, first: Declared): string {
  const [here, there] = [declared.block.storagePath, first.block.storagePath];
  if (first.file !== context.file)
    return there === null
      ? "also persisted in another file of this host"
      : `also persisted in another file of this host, in ${there}`;
  if (here !== null && there !== null && here !== there) return `persisted in ${there} and again in ${here}`;
  return here !== null && here === there ? `persisted twice in ${here}` : "persisted twice";
}
