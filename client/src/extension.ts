import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { restartServer } from "./commands/restartServer";
import { createHostCommands } from "./hostCommands";
import { createHostMemory } from "./hosts/memory";
import { createServer, NIX_DOCUMENTS, type Server } from "./server";
import { createStatusItem } from "./status/item";

let server: Server | null = null;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Tidemark", { log: true });
  const memory = createHostMemory(context.workspaceState, () => status.refresh());
  const status = createStatusItem(NIX_DOCUMENTS, memory.get);
  const hostCommands = createHostCommands();
  const started = createServer({
    module: context.asAbsolutePath("dist/server.js"),
    log,
    onState: status.setServer,
    onStatus: status.setReport,
    onCommands: hostCommands.show,
  });
  server = started;
  context.subscriptions.push(
    log,
    status,
    registerCommands({ extension: context, log, server: started, status, memory, hostCommands }),
    // The server learns of trust when it starts.
    vscode.workspace.onDidGrantWorkspaceTrust(() => restartServer({ server: started, log })),
  );
  // Not awaited: commands wait for the server themselves, and a failure is shown.
  void restartServer({ server: started, log });
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
