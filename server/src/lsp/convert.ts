import path from "node:path";
import {
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type TextEdit as LspEdit,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import { URI } from "vscode-uri";
import type { Level, SourceFile } from "../rules/rule";
import type { FileFinding } from "../service/findings";
import type { IgnoreEdit } from "../service/ignoring";
import { LineIndex } from "../syntax/lines";
import type { TextEdit } from "../syntax/span";
import type { ClientSupport } from "./capabilities";

const severities: Record<Level, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** The service's name of a document: the path of a file, the URI itself for one that is not saved; null for others (diff sides, …). */
export function nameOf(uri: string): string | null {
  const parsed = URI.parse(uri);
  if (parsed.scheme === "file") return path.normalize(parsed.fsPath);
  return parsed.scheme === "untitled" ? uri : null;
}

export function uriOf(name: string): string {
  return path.isAbsolute(name) ? URI.file(name).toString() : name;
}

export function toDiagnostic(
  finding: FileFinding,
  file: SourceFile,
  lines: LineIndex,
  support: ClientSupport,
  read: ReadFile,
): Diagnostic {
  const diagnostic: Diagnostic = {
    range: lines.range(finding.span),
    severity: severities[finding.level],
    source: "tidemark",
    code: finding.code,
    message: finding.message,
  };
  if (support.tags && finding.tags.length > 0)
    diagnostic.tags = finding.tags.map((tag) =>
      tag === "unnecessary" ? DiagnosticTag.Unnecessary : DiagnosticTag.Deprecated,
    );
  if (support.relatedInformation && finding.related.length > 0) {
    diagnostic.relatedInformation = finding.related.flatMap((place) => {
      const other = place.file === file.name ? file : read(place.file);
      if (other === null) return [];
      const index = other === file ? lines : new LineIndex(other.text);
      return [{ location: { uri: uriOf(place.file), range: index.range(place.span) }, message: place.message }];
    });
  }
  return diagnostic;
}

export type ReadFile = (name: string) => SourceFile | null;

/** Edits by file, as the client understands them; versions guard against text that changed meanwhile. */
export function toWorkspaceEdit(
  edits: ReadonlyMap<string, readonly TextEdit[]>,
  read: ReadFile,
  openDocument: (name: string) => { readonly uri: string; readonly version: number } | null,
  support: ClientSupport,
): WorkspaceEdit {
  const changes: { textDocument: TextDocumentEdit["textDocument"]; edits: LspEdit[] }[] = [];
  for (const [name, list] of edits) {
    const file = read(name);
    if (file === null) continue;
    const lines = new LineIndex(file.text);
    const open = openDocument(name);
    changes.push({
      textDocument: { uri: open?.uri ?? uriOf(name), version: open?.version ?? null },
      edits: list.map((edit) => ({ range: lines.range(edit.span), newText: edit.text })),
    });
  }
  if (support.versionedEdits) return { documentChanges: changes };
  return { changes: Object.fromEntries(changes.map(({ textDocument, edits: list }) => [textDocument.uri, list])) };
}

/** The edit of a file that is no Nix file, which is made where there is none. */
export function toFileEdit(
  { file, text, edit }: IgnoreEdit,
  open: { readonly uri: string; readonly version: number } | null,
  support: ClientSupport,
): WorkspaceEdit {
  const uri = open?.uri ?? uriOf(file);
  const edits = [{ range: new LineIndex(text ?? "").range(edit.span), newText: edit.text }];
  if (!support.versionedEdits) return { changes: { [uri]: edits } };
  const create = { kind: "create", uri, options: { ignoreIfExists: true } } as const;
  const change = { textDocument: { uri, version: open?.version ?? null }, edits };
  return { documentChanges: text === null && support.createFiles ? [create, change] : [change] };
}
