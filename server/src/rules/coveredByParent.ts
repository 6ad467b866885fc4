import { normalise } from "../persistence/paths";
import type { Problem, Rule, RuleContext } from "./rule";
import { type Declared, declaredOn, writtenIn } from "./support/declared";
import { doublesOf, sameOn } from "./support/evaluated";
import { removeEntry, shown } from "./support/text";

export const rule: Rule = {
  id: "covered-by-parent",
  level: "hint",
  title: "A parent directory is persisted already",
  doc: `A persisted directory brings everything below it, so an entry below it in the same storage only adds one more mount. It can be removed
without losing anything: the data already lies at the same place in the storage.

An entry that carries options of its own (a mode, an owner) is left alone, and so is one whose parent is persisted only under a condition.`,
  check,
  examples: [
    {
      title: "In one list",
      text: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/lib"
      "/var/lib/bluetooth"
    # ^^^^^^^^^^^^^^^^^^^^ "/var/lib" is persisted already
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    directories = [
      "/var/lib"
    ];
  };
}
`,
    },
    {
      title: "A file below a directory, with dotted names",
      text: `{
  environment.persistence."/persist".files = [ "/etc/ssh/key" "/etc/machine-id" ];
  #                                            ^^^^^^^^^^^^^^ "/etc/ssh" is persisted already
  environment.persistence."/persist".directories = [ "/etc/ssh" ];
}
`,
      fixed: `{
  environment.persistence."/persist".files = [ "/etc/machine-id" ];
  environment.persistence."/persist".directories = [ "/etc/ssh" ];
}
`,
    },
    {
      title: "For a user",
      text: `{
  environment.persistence."/persist".users.josh.directories = [ ".config" ".config/nvim" ];
  #                                                                       ^^^^^^^^^^^^^^ ".config" is persisted already
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh.directories = [ ".config" ];
}
`,
    },
    {
      title: "With options of its own, or in another storage",
      text: `{
  environment.persistence."/persist".directories = [
    "/var/lib"
    { directory = "/var/lib/private"; mode = "0700"; }
  ];
  environment.persistence."/cache".directories = [ "/var/lib/libvirt" ];
}
`,
    },
    {
      title: "Similar names",
      text: `{
  environment.persistence."/persist".directories = [ "/var/lib/foo" "/var/lib/foobar" ];
}
`,
    },
    {
      title: "A parent under a condition",
      text: `{ config, lib, ... }:
{
  environment.persistence."/persist".directories = [
    "/var/lib/bluetooth"
    (lib.mkIf config.all "/var/lib")
  ] ++ lib.optional config.all "/var";
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const parents = new Map<string, Declared[]>();
  for (const declared of declaredOn(context)) {
    if (declared.path === null || !isParent(declared)) continue;
    const same = parents.get(declared.path);
    if (same === undefined) parents.set(declared.path, [declared]);
    else same.push(declared);
  }
  return writtenIn(context).flatMap((child): Problem[] => {
    const { path, entry, block } = child;
    if (path === null || !block.enabled || entry.settings.length > 0) return [];
    const parent = ancestors(path)
      .flatMap((above) => parents.get(above) ?? [])
      .find((other) => isSameRoot(child, other) && isEverywhere(context, child, other));
    return parent === undefined ? [] : [problemAt(context, child, parent)];
  });
}

/** The directories above a path, the outermost first, without `/`. */
function ancestors(path: string): string[] {
  const above: string[] = [];
  for (let at = path.indexOf("/", 1); at !== -1; at = path.indexOf("/", at + 1)) above.push(path.slice(0, at));
  return above;
}

/** Directories that surely bring all that lies below them. A bare `/` or `.` is no parent: it is half-typed, or a mistake of another kind. */
function isParent({ certain, entry, path }: Declared): boolean {
  const elsewhere = entry.settings.some(({ name, value }) => {
    if (name.name === null || name.name === "persistentStoragePath") return true;
    return name.name === "how" && !(value.kind === "string" && value.text !== "_intermediate");
  });
  return certain && entry.kind === "directory" && path !== null && !/^[./]*$/.test(entry.written) && !elsewhere;
}

/** Same storage, same realm and same scope: only then does the child's data lie below the parent's. */
function isSameRoot(child: Declared, parent: Declared): boolean {
  const [a, b] = [child.block.storagePath, parent.block.storagePath];
  const sameStorage = a === null || b === null ? child.block === parent.block : normalise(a) === normalise(b);
  const [inner, outer] = [child.list.scope, parent.list.scope];
  const innerUser = inner.kind === "user" ? inner.user : "";
  const outerUser = outer.kind === "user" ? outer.user : "";
  return sameStorage && child.realm === parent.realm && inner.kind === outer.kind && innerUser === outerUser;
}

/** Whether each host that has the entry has the parent: a file that several share is judged for all of them. */
function isEverywhere({ evaluated }: RuleContext, child: Declared, parent: Declared): boolean {
  const having = evaluated.filter((host) => sameOn(host, child.file, child) !== null);
  if (having.length === 0 && evaluated.length > 0 && !child.certain) return false;
  return having.every((host) =>
    doublesOf(host, parent).some(({ block }) => block.storagePath === parent.block.storagePath),
  );
}

function problemAt({ file }: RuleContext, child: Declared, parent: Declared): Problem {
  const elsewhere = parent.file === file ? "" : " in another file of this host";
  const storage = parent.block.storagePath === null ? "" : ` in ${parent.block.storagePath}`;
  return {
    span: child.entry.span,
    message: `${shown(parent.entry.written)} is persisted already${storage}${elsewhere}, with ${shown(child.entry.written)} in it. This entry can be removed.`,
    fixes: removeEntry(file.text, child.entry),
    related: [{ file: parent.file.name, span: parent.entry.span, message: "this parent is persisted" }],
    unnecessary: true,
  };
}
