import * as vscode from "vscode";
import { ServerCommands } from "../../../server/src/lsp/protocol";
import type { CommandContext } from "./context";
import { showFailure } from "./failure";

/** Drops what was read from a host, and with it the findings. Asks which where several hosts were scanned. */
export async function forgetScan({ server, status, log }: CommandContext): Promise<void> {
  const hosts = status.scannedHosts();
  const [only] = hosts;
  if (only === undefined) {
    void vscode.window.showInformationMessage("No host has been scanned in this window.");
    return;
  }
  const host = hosts.length === 1 ? only : await vscode.window.showQuickPick(hosts, { title: "Tidemark: Forget Scan" });
  if (host === undefined) return;
  try {
    await server.execute(ServerCommands.forget, { host });
  } catch (error) {
    await showFailure(log, `The scan of ${host} could not be forgotten.`, error);
  }
}
