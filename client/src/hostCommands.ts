import * as vscode from "vscode";
import type { ShowCommandsArguments } from "../../server/src/lsp/protocol";

/** Commands for a host that a quick fix showed, for a person to run there. */
export interface HostCommands {
  show(commands: ShowCommandsArguments): void;
  /** Puts what was shown last on the clipboard. */
  copy(): Promise<void>;
}

export function createHostCommands(): HostCommands {
  let last: ShowCommandsArguments | null = null;

  async function copy(): Promise<void> {
    if (last === null) {
      void vscode.window.showInformationMessage("No commands have been shown in this window.");
      return;
    }
    await vscode.env.clipboard.writeText(last.text);
    void vscode.window.showInformationMessage(`On the clipboard: ${last.title}.`);
  }

  async function open({ title, text }: ShowCommandsArguments): Promise<void> {
    const document = await vscode.workspace.openTextDocument({ language: "shellscript", content: text });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    const chosen = await vscode.window.showInformationMessage(`${title}: nothing was run.`, "Copy");
    if (chosen === "Copy") await copy();
  }

  return {
    show(commands) {
      last = commands;
      void open(commands);
    },
    copy,
  };
}
