import { type AtomicRewrite, atomicRewrite } from "../knowledge/atomic";
import type { Problem, Rule, RuleContext } from "./rule";
import { type Declared, declaredOn, writtenIn } from "./support/declared";
import { persistInstead } from "./support/instead";
import { methodOf } from "./support/linked";
import { removeEntry, shown } from "./support/text";
import { lookupPath } from "./support/withinHome";

export const rule: Rule = {
  id: "atomic-rewrite",
  level: "warning",
  title: "A file that its program replaces cannot be persisted alone",
  doc: `Many programs save by writing a new file and renaming it over the old one. A file that is persisted alone is a bind mount, and the kernel
refuses to rename over a mount point ("Device or resource busy"): the program fails to save, or drops what it should have kept. From the
next boot on the storage still has the old contents.

Persist the folder the file lies in, or declare the file; the message says which fits. A file that is only linked (\`method = "symlink"\`,
\`how = "symlink"\`) is left alone, since some programs follow the link. Files of which it is only reported that they get replaced are hints.

Sources: the programs' own code or the reports linked from the catalog, and rename(2), which fails with \`EBUSY\` on a mount point.`,
  check,
  examples: [
    {
      title: "A history, with a folder to persist instead",
      text: `{
  environment.persistence."/persist".users.josh = {
    directories = [ "Documents" ];
    files = [
      ".screenrc"
      ".local/share/fish/fish_history"
    # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Persist the folder \`.local/share/fish\`
    ];
  };
}
`,
      fixed: `{
  environment.persistence."/persist".users.josh = {
    directories = [ "Documents" ".local/share/fish" ];
    files = [
      ".screenrc"
    ];
  };
}
`,
    },
    {
      title: "For Home Manager, whoever the user is; the folder is kept already",
      text: `{
  home.persistence."/persist" = {
    directories = [ ".ssh" ];
    files = [ ".netrc" ".ssh/known_hosts" ];
    #                  ^^^^^^^^^^^^^^^^^^ OpenSSH replaces it
  };
}
`,
      fixed: `{
  home.persistence."/persist" = {
    directories = [ ".ssh" ];
    files = [ ".netrc" ];
  };
}
`,
    },
    {
      title: "A file of the system, in preservation",
      text: `{
  preservation.preserveAt."/persist".files = [
    { file = "/etc/shadow"; mode = "0600"; }
    #        ^^^^^^^^^^^^^ NixOS replaces it
  ];
}
`,
    },
    {
      title: "Only reported",
      text: `{
  home.persistence."/persist".files = [ ".config/monitors.xml" ];
  #                                     ^^^^^^^^^^^^^^^^^^^^^^ is reported to replace it
}
`,
    },
    {
      title: "Folders, and links",
      text: `{
  environment.persistence."/persist".users.josh = {
    directories = [ ".local/share/fish" ".ssh" ];
    files = [
      { file = ".zsh_history"; method = "symlink"; }
    ];
  };
  preservation.preserveAt."/persist".users.josh.files = [ { file = ".zsh_history"; how = "symlink"; } ];
}
`,
    },
    {
      title: "A method that is not known, and files that are written in place",
      text: `{ method, ... }:
{
  environment.persistence."/persist" = {
    files = [ "/etc/machine-id" "/etc/adjtime" ];
    users.josh.files = [ { file = ".zsh_history"; inherit method; } ];
  };
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  return writtenIn(context).flatMap((declared): Problem[] => {
    const { entry, block } = declared;
    if (entry.kind !== "file" || !block.enabled || methodOf(entry) !== "mount") return [];
    const { path, home } = lookupPath(declared);
    const rewrite = atomicRewrite(path, home);
    if (rewrite === null || (rewrite.program === "NixOS" && usesUserborn(context))) return [];
    const verified = rewrite.certainty === "verified" && !rewrite.path.includes("*");
    const does = verified ? "replaces" : "is reported to replace";
    return [
      {
        span: entry.pathSpan,
        message: `${shown(entry.written)} cannot be kept alone: ${rewrite.program} ${does} it by renaming a new file over it, which fails on a mounted file. ${rewrite.instead}`,
        level: verified ? "warning" : "hint",
        fixes: rewrite.persist === null ? [] : folderInstead(context, declared, rewrite.persist, rewrite),
      },
    ];
  });
}

/** userborn writes the files of users itself, and asks for them to be kept where users are not declared. */
function usesUserborn({ host, mentionedElsewhere }: RuleContext): boolean {
  return host.some(({ text }) => text.includes("userborn")) || mentionedElsewhere("userborn");
}

/** Persists the folder; where that is kept already, only the file goes. `folder` is as in the data, `~/…` in homes. */
function folderInstead(context: RuleContext, declared: Declared, folder: string, { instead }: AtomicRewrite) {
  const written = folder.replace(/^~\//, "");
  const { list, block, realm } = declared;
  const kept = declaredOn(context).some(
    (other) =>
      other.certain &&
      other.realm === realm &&
      other.entry.kind === "directory" &&
      (other.block === block || other.block.storagePath === block.storagePath) &&
      JSON.stringify(other.list.scope) === JSON.stringify(list.scope) &&
      other.entry.written === written,
  );
  if (kept) return removeEntry(context.file.text, declared.entry);
  return persistInstead(context, declared, written, instead.replace(/\.$/, "").replaceAll("`", '"'));
}
