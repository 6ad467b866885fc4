import * as vscode from "vscode";

/** True in a trusted workspace; else says why hosts are not asked anything, and offers to manage trust. */
export async function requireTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = "Manage Workspace Trust";
  const reason = "Tidemark connects to hosts only from a trusted workspace. Checks of your Nix files work without.";
  if ((await vscode.window.showInformationMessage(reason, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}
