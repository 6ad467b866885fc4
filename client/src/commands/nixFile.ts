import * as vscode from "vscode";
import { NIX_DOCUMENTS } from "../server";

/** The Nix file the user looks at: the active editor's, else the first visible one's. */
export function nixFile(): string | null {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const editors = activeTextEditor === undefined ? visibleTextEditors : [activeTextEditor, ...visibleTextEditors];
  const editor = editors.find(({ document }) => vscode.languages.match(NIX_DOCUMENTS, document) > 0);
  return editor?.document.uri.toString() ?? null;
}
