import * as vscode from "vscode";
import { debugInformation } from "../debugInformation";
import type { CommandContext } from "./context";

/** Puts facts for a bug report on the clipboard: versions and settings, no names of hosts. */
export async function copyDebugInformation({ extension, server, status }: CommandContext): Promise<void> {
  const settings = vscode.workspace.getConfiguration("tidemark");
  const version: unknown = extension.extension.packageJSON.version;
  const text = debugInformation({
    extension: String(version),
    editor: `${vscode.env.appName} ${vscode.version}`,
    platform: `${process.platform} ${process.arch}`,
    remote: vscode.env.remoteName ?? null,
    trusted: vscode.workspace.isTrusted,
    server: server.info(),
    hostsInSettings: Object.keys(settings.get<object>("hosts", {})).length,
    hostsScanned: status.scannedHosts().length,
    sshConfigFileSet: settings.get<string>("ssh.configFile", "") !== "",
    scanLimit: settings.get<unknown>("scan.limit"),
    rules: settings.get<Record<string, unknown>>("rules", {}),
  });
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage("Tidemark's debug information is on the clipboard.");
}
