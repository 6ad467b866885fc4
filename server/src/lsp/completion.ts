import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  type CompletionParams,
  InsertTextFormat,
  InsertTextMode,
  type MarkupContent,
} from "vscode-languageserver/node";
import type { Suggestion, SuggestionDoc, Suggestions } from "../completion/suggestion";
import type { Tidemark } from "../service/tidemark";
import { LineIndex, type Range } from "../syntax/lines";
import type { ClientSupport } from "./capabilities";
import { nameOf } from "./convert";

/** What opens the list by itself: the beginning of a string, of the next part of a path, of a dotted name. */
export const completionTriggers = ['"', "/", "."];

const kinds: Readonly<Record<Suggestion["kind"], CompletionItemKind>> = {
  directory: CompletionItemKind.Folder,
  file: CompletionItemKind.File,
  option: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  user: CompletionItemKind.Variable,
  template: CompletionItemKind.Snippet,
  rule: CompletionItemKind.Reference,
};

/** For a client that asks for nothing more about an item, this many get their documentation along. */
const documented = 60;

/** Answers completion in the form the client takes. */
export class Completion {
  constructor(
    private readonly service: Tidemark,
    private readonly support: ClientSupport,
  ) {}

  list({ textDocument, position }: CompletionParams): CompletionList | null {
    const name = nameOf(textDocument.uri);
    const text = name === null ? null : this.service.files.text(name);
    if (name === null || text === null) return null;
    const lines = new LineIndex(text);
    const offset = lines.offset(position);
    const found = this.service.complete(name, offset);
    const offered = found?.items.filter(({ insert }) => this.support.completion.lines || !insert.includes("\n")) ?? [];
    if (found === null || offered.length === 0) return null;
    const replace = lines.range(found.replace);
    // A client replaces text of the cursor's line only.
    if (replace.start.line !== position.line || replace.end.line !== position.line) return null;
    const lineStart = lines.offset({ line: position.line, character: 0 });
    const indent = /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? "";
    const width = String(offered.length).length;
    const items = offered.map((suggestion, index) => ({
      ...this.#item(suggestion, index, { ...found, range: replace, position }, indent),
      sortText: `${String(index).padStart(width, "0")}`,
    }));
    return { isIncomplete: false, items };
  }

  /** Adds what is known of the chosen item. */
  resolve(item: CompletionItem): CompletionItem {
    const doc = docIn(item.data);
    return doc === null ? item : { ...item, ...this.#documentation(doc) };
  }

  #item(
    suggestion: Suggestion,
    index: number,
    place: Suggestions & { readonly range: Range; readonly position: Range["start"] },
    indent: string,
  ): CompletionItem {
    const { completion } = this.support;
    const { label, detail, doc } = suggestion;
    const snippet = completion.snippets ? suggestion.snippet : null;
    const text = snippet ?? suggestion.insert;
    const isLong = text.includes("\n");
    const newText = isLong && !completion.adjustsIndent ? text.replace(/\n(?=[^\n])/g, `\n${indent}`) : text;
    const { start, end } = place.range;
    return {
      label,
      kind: this.#kind(kinds[suggestion.kind]),
      ...(detail === "" ? {} : { detail }),
      // A template is found by what it is called and by what it begins with.
      ...(suggestion.kind === "template"
        ? { filterText: `${label} ${/^\w+(?:\.\w+)*/.exec(suggestion.insert)?.[0]}` }
        : {}),
      textEdit: completion.insertReplace
        ? { newText, insert: { start, end: place.position }, replace: place.range }
        : { newText, range: { start, end } },
      ...(snippet === null ? {} : { insertTextFormat: InsertTextFormat.Snippet }),
      ...(isLong && completion.adjustsIndent ? { insertTextMode: InsertTextMode.adjustIndentation } : {}),
      ...(doc?.kind === "path" && completion.resolvesDocumentation ? { data: doc } : {}),
      ...(doc?.kind === "text" || (!completion.resolvesDocumentation && index < documented)
        ? this.#documentation(doc)
        : {}),
    };
  }

  #documentation(doc: SuggestionDoc | null): { documentation?: MarkupContent } {
    const text = doc === null ? null : this.service.describe(doc);
    if (text === null) return {};
    const documentation: MarkupContent = this.support.completion.markdown
      ? { kind: "markdown", value: text.markdown }
      : { kind: "plaintext", value: text.plain };
    return { documentation };
  }

  #kind(kind: CompletionItemKind): CompletionItemKind {
    if (this.support.completion.kinds.has(kind)) return kind;
    return kind === CompletionItemKind.Folder ? CompletionItemKind.File : CompletionItemKind.Text;
  }
}

/** What an item of ours carries. */
function docIn(data: unknown): SuggestionDoc | null {
  if (typeof data !== "object" || data === null) return null;
  const { kind, path, home } = data as Record<string, unknown>;
  if (kind !== "path" || typeof path !== "string" || (home !== null && typeof home !== "string")) return null;
  return { kind, path, home };
}
