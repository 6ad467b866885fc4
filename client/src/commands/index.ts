import * as vscode from "vscode";
import type { CommandContext } from "./context";
import { copyDebugInformation } from "./copyDebugInformation";
import { evaluateHost } from "./evaluateHost";
import { forgetScan } from "./forgetScan";
import { restartServer } from "./restartServer";
import { scanHost } from "./scanHost";
import { selectHost } from "./selectHost";

const COMMANDS: Readonly<Record<string, (context: CommandContext) => unknown>> = {
  "tidemark.selectHost": selectHost,
  "tidemark.scanHost": scanHost,
  "tidemark.evaluateHost": evaluateHost,
  "tidemark.forgetScan": forgetScan,
  "tidemark.copyCommands": ({ hostCommands }) => hostCommands.copy(),
  "tidemark.restartServer": restartServer,
  "tidemark.showLog": ({ log }) => log.show(),
  "tidemark.copyDebugInformation": copyDebugInformation,
};

export function registerCommands(context: CommandContext): vscode.Disposable {
  const registered = Object.entries(COMMANDS).map(([id, run]) =>
    vscode.commands.registerCommand(id, () => run(context)),
  );
  return vscode.Disposable.from(...registered);
}
