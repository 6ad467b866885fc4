import type { StorageBlock } from "../persistence/model";
import type { Fix, Problem, Rule, RuleContext } from "./rule";
import { type Declared, writtenIn } from "./support/declared";
import { shown } from "./support/text";

export const rule: Rule = {
  id: "trash-across-binds",
  level: "hint",
  title: "Files in a persisted folder cannot be moved to the trash",
  doc: `A persisted folder is a mount of its own, and file managers built on GLib (Nautilus, Thunar, Nemo) offer no trash on mounts of the system: they ask whether to delete
for good. With \`allowTrash = true\`, impermanence mounts with \`x-gvfs-trash\`, and each of the folders gets a trash of its own.

Said once for each storage, at the first of the folders that desktops make for documents. Nothing is said where \`allowTrash\` is set in any way, and for
impermanence of before September 2025.`,
  check,
  examples: [
    {
      title: "Documents of a user",
      text: `{
  environment.persistence."/persist" = {
    hideMounts = true;
    users.josh.directories = [ ".ssh" "Documents" "Downloads" ];
    #                                 ^^^^^^^^^^^ allowTrash = true
  };
}
`,
      fixed: `{
  environment.persistence."/persist" = {
    allowTrash = true;
    hideMounts = true;
    users.josh.directories = [ ".ssh" "Documents" "Downloads" ];
  };
}
`,
    },
    {
      title: "In Home Manager, with dotted names",
      text: `{
  home.persistence."/persist".directories = [
    "Pictures"
  # ^^^^^^^^^^ trash
  ];
}
`,
    },
    {
      title: "Allowed",
      text: `{
  environment.persistence."/persist" = {
    allowTrash = true;
    users.josh.directories = [ "Documents" ];
  };
}
`,
    },
    {
      title: "No documents, or one folder that is allowed",
      text: `{
  environment.persistence."/persist" = {
    directories = [ "/var/log" ];
    users.josh.directories = [ ".ssh" { directory = "Music"; allowTrash = true; } ];
  };
}
`,
    },
  ],
};

const documents = new Set(["Desktop", "Documents", "Downloads", "Music", "Pictures", "Videos"]);

function check(context: RuleContext): Problem[] {
  const { file, host } = context;
  const first = new Map<string, Declared>();
  for (const declared of writtenIn(context)) {
    const { entry, list, block, certain } = declared;
    if (block.module === "preservation" || list.scope.kind !== "user" || entry.kind !== "directory" || !certain)
      continue;
    if (
      !documents.has(entry.written.replace(/\/$/, "")) ||
      entry.settings.some(({ name }) => name.name === "hideMount")
    )
      continue;
    const storage = block.storagePath ?? "";
    if (!first.has(storage)) first.set(storage, declared);
  }
  if (first.size === 0) return [];
  // Set for a storage, an entry, or by a name: somebody has thought of it.
  if (
    host.some(({ text }) => text.includes("allowTrash") || text.includes("x-gvfs-trash")) ||
    context.oldImpermanence()
  )
    return [];
  if (!context.hostIsWhole && context.mentionedElsewhere("allowTrash")) return [];
  return [...first.values()].map(({ entry, block }) => ({
    span: entry.pathSpan,
    message: `File managers offer no trash for files in ${shown(entry.written)}, which is a mount of its own: they are deleted for good. Set \`allowTrash = true\` for the storage.`,
    fixes: allow(file.text, block),
  }));
}

/** The option at the beginning of a storage that is written as a set on several lines. */
function allow(text: string, { body }: StorageBlock): Fix[] {
  if (body === null) return [];
  const start = body.start + 1;
  const indent = /^[ \t]*\r?\n([ \t]*)\S/.exec(text.slice(start, start + 500))?.[1];
  if (indent === undefined) return [];
  const lineEnd = text.indexOf("\n", start) + 1;
  return [
    {
      title: "Set `allowTrash = true`",
      edits: [{ span: { start: lineEnd, end: lineEnd }, text: `${indent}allowTrash = true;\n` }],
    },
  ];
}
