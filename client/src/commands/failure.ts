import * as vscode from "vscode";
import { plainText } from "../plainText";

/** Shows what failed, with a way to the log; the error itself goes there. */
export async function showFailure(log: vscode.LogOutputChannel, what: string, error: unknown): Promise<void> {
  log.error(what, error);
  const reason = error instanceof Error ? plainText(error.message) : "";
  const choice = await vscode.window.showErrorMessage(reason === "" ? what : `${what} ${reason}`, "Show Log");
  if (choice !== undefined) log.show();
}
