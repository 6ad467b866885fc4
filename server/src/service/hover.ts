import type { ScanReport } from "../hosts/model";
import { hoverMarkdown, hoverPlain } from "../knowledge/hover";
import type { Entry, ListDeclaration, Setting, StorageBlock } from "../persistence/model";
import { defaultHome } from "../persistence/paths";
import { type OptionSpec, schemaOf } from "../persistence/schema";
import type { SourceFile } from "../rules/rule";
import { type Span, touches } from "../syntax/span";

export interface HoverText {
  readonly span: Span;
  readonly markdown: string;
  /** The same for editors that show no Markdown. */
  readonly plain: string;
}

/** What to say about the path or the option under `offset`; null where there is nothing of ours. */
export function hoverAt(file: SourceFile, offset: number, reports: readonly ScanReport[]): HoverText | null {
  for (const block of file.persistence.blocks) {
    if (!touches(block.span, offset)) continue;
    const text = hoverInBlock(block, file, offset, reports);
    if (text !== null) return text;
  }
  return null;
}

function hoverInBlock(
  block: StorageBlock,
  file: SourceFile,
  offset: number,
  reports: readonly ScanReport[],
): HoverText | null {
  const schema = schemaOf(block.module);
  for (const list of block.lists) {
    if (touches(list.nameSpan, offset)) {
      const options = list.scope.kind === "user" ? (schema.user ?? schema.storage) : schema.storage;
      return optionHover(list.list, options, list.nameSpan, schema.title);
    }
    for (const entry of list.entries) {
      const option = settingHover(
        entry.settings,
        entry.kind === "directory" ? schema.directory : schema.file,
        offset,
        schema.title,
      );
      if (option !== null) return option;
      if (touches(entry.pathSpan, offset)) return entryHover(entry, list, file, reports);
    }
  }
  for (const user of block.users) {
    const option = settingHover(user.settings, schema.user ?? [], offset, schema.title);
    if (option !== null) return option;
  }
  return settingHover(block.settings, schema.storage, offset, schema.title);
}

function entryHover(
  entry: Entry,
  list: ListDeclaration,
  file: SourceFile,
  reports: readonly ScanReport[],
): HoverText | null {
  if (entry.path === null) return null;
  const user = list.scope.kind === "user" ? list.scope.user : null;
  const home = user === null ? null : (file.persistence.facts.homes.get(user) ?? defaultHome(user));
  const live =
    reports.flatMap((report) => report.candidates).find((candidate) => candidate.path === entry.path) ?? null;
  const context = { home, live };
  const markdown = hoverMarkdown(entry.path, context);
  return markdown === null ? null : { span: entry.pathSpan, markdown, plain: hoverPlain(entry.path, context) ?? "" };
}

function settingHover(
  settings: readonly Setting[],
  options: readonly OptionSpec[],
  offset: number,
  title: string,
): HoverText | null {
  const setting = settings.find((candidate) => touches(candidate.name.span, offset));
  return setting?.name.name == null ? null : optionHover(setting.name.name, options, setting.name.span, title);
}

function optionHover(name: string, options: readonly OptionSpec[], span: Span, title: string): HoverText | null {
  const option = options.find((candidate) => candidate.name === name);
  if (option === undefined) return null;
  const lines = [`**${option.name}** · ${typeName(option.type)} · option of ${title}`, "", option.doc];
  if (option.removed !== undefined) lines.push("", `Removed: ${option.removed}.`);
  if (option.default !== null)
    lines.push("", `Default: ${option.default.includes("`") ? option.default : `\`${option.default}\``}`);
  const markdown = lines.join("\n");
  return { span, markdown, plain: markdown.replace(/\*\*|`/g, "") };
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
