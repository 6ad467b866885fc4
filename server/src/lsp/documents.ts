import { type Connection, TextDocuments } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Tidemark } from "../service/tidemark";
import { nameOf } from "./convert";

/** The documents the editor has open, kept in step with the service. */
export interface OpenDocuments {
  /** The open document of a file, under the URI the editor uses for it. */
  open(name: string): { readonly uri: string; readonly version: number } | null;
  names(): string[];
}

export interface DocumentEvents {
  readonly changed: (name: string) => void;
  readonly closed: (name: string, uri: string) => void;
}

export function trackDocuments(connection: Connection, service: () => Tidemark, events: DocumentEvents): OpenDocuments {
  const open = new Map<string, TextDocument>();
  const documents = new TextDocuments(TextDocument);
  documents.onDidChangeContent(({ document }) => {
    const name = nameOf(document.uri);
    if (name === null) return;
    open.set(name, document);
    service().setText(name, document.getText());
    events.changed(name);
  });
  documents.onDidClose(({ document }) => {
    const name = nameOf(document.uri);
    if (name === null) return;
    open.delete(name);
    service().close(name);
    events.closed(name, document.uri);
  });
  documents.listen(connection);
  return { open: (name) => open.get(name) ?? null, names: () => [...open.keys()] };
}
