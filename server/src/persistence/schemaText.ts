import type { OptionSpec } from "./schema";

/** What an option is, as Markdown: its type, meaning and default. `title` is the module's. */
export function optionText(option: OptionSpec, title: string): string {
  const lines = [`**${option.name}** · ${typeName(option.type)} · option of ${title}`, "", option.doc];
  if (option.removed !== undefined) lines.push("", `Removed: ${option.removed}.`);
  if (option.default !== null)
    lines.push("", `Default: ${option.default.includes("`") ? option.default : `\`${option.default}\``}`);
  return lines.join("\n");
}

function typeName(type: OptionSpec["type"]): string {
  if (typeof type !== "string") return `one of ${type.map((value) => `\`"${value}"\``).join(", ")}`;
  const names: Record<string, string> = {
    bool: "boolean",
    mode: "mode, a string",
    directories: "list of directories",
    files: "list of files",
    users: "set of users",
    attrs: "attribute set",
    strings: "list of strings",
  };
  return names[type] ?? type;
}
