import type { Problem, Rule, RuleContext } from "./rule";
import { writtenIn } from "./support/declared";

export const rule: Rule = {
  id: "trash-across-binds",
  level: "hint",
  title: "A persisted trash takes nothing from other folders",
  doc: `A file is moved to the trash by renaming it, and that works within one mount only. With \`.local/share/Trash\` persisted, the trash is a mount of its own: programs refuse
to move files of other folders there ("trash dir and file to be trashed are not in the same volume"), or offer to delete them for good.

impermanence of January 2026 and later has \`allowTrash = true\` for this: each persisted folder then gets a trash of its own (\`.Trash-1000\`), which is kept with it, for programs
built on GLib 2.82 and later. The folder itself need not be persisted. Nothing is said where \`allowTrash\` or \`x-gvfs-trash\` is used in any way.
In preservation the mount option itself has to be given.`,
  check,
  examples: [
    {
      title: "A user's trash",
      text: `{
  environment.persistence."/persist".users.josh.directories = [
    "Documents"
    ".local/share/Trash"
  # ^^^^^^^^^^^^^^^^^^^^ allowTrash
  ];
}
`,
    },
    {
      title: "In Home Manager, with options",
      text: `{
  home.persistence."/persist".directories = [
    { directory = ".local/share/Trash"; mode = "0700"; }
    #             ^^^^^^^^^^^^^^^^^^^^ a mount of its own
  ];
}
`,
    },
    {
      title: "Allowed",
      text: `{
  environment.persistence."/persist" = {
    allowTrash = true;
    users.josh.directories = [ "Documents" ".local/share/Trash" ];
  };
}
`,
    },
    {
      title: "The home directory as a whole",
      text: `{
  environment.persistence."/persist".directories = [ "/home" ];
}
`,
    },
  ],
};

function check(context: RuleContext): Problem[] {
  const trash = writtenIn(context).filter(
    ({ entry }) => entry.kind === "directory" && /(?:^|\/)\.local\/share\/Trash\/?$/.test(entry.written),
  );
  if (trash.length === 0) return [];
  // Somebody has thought of it.
  if (context.host.some(({ text }) => /allowTrash|x-gvfs-trash/.test(text))) return [];
  if (!context.hostIsWhole && context.mentionedElsewhere("allowTrash")) return [];
  return trash.map(({ entry, block }) => {
    const option =
      block.module === "preservation"
        ? 'The mount option "x-gvfs-trash"'
        : "`allowTrash = true` (impermanence of 2026)";
    return {
      span: entry.pathSpan,
      message: `This trash is a mount of its own, and files of other folders cannot be moved there: programs refuse, or delete for good. ${option} gives each persisted folder its own instead.`,
    };
  });
}
