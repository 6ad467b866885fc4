import * as vscode from "vscode";
import {
  type LanguageClient,
  type MessageActionItem,
  MessageType,
  ShowMessageNotification,
  type ShowMessageParams,
  ShowMessageRequest,
  type ShowMessageRequestParams,
} from "vscode-languageclient/node";
import { plainText } from "./plainText";
import { splitQuestion } from "./question";

/**
 * Shows what the server says and asks in place of the language client: text from a host cannot become a link, failures lead to
 * the log, and a question is a dialog. As a notification it would slide away after some seconds, with a connection waiting.
 */
export function showMessagesOf(client: LanguageClient, log: vscode.LogOutputChannel): void {
  client.onNotification(ShowMessageNotification.type, (params: ShowMessageParams) => tell(params, log));
  client.onRequest(ShowMessageRequest.type, (params: ShowMessageRequestParams) => ask(params, log));
}

async function tell({ type, message }: ShowMessageParams, log: vscode.LogOutputChannel): Promise<void> {
  const text = plainText(message, 2000);
  if (type === MessageType.Error) {
    if ((await vscode.window.showErrorMessage(text, "Show Log")) !== undefined) log.show();
  } else if (type === MessageType.Warning) {
    void vscode.window.showWarningMessage(text);
  } else {
    void vscode.window.showInformationMessage(text);
  }
}

/**
 * The last of the offered answers is the one that declines: it is what closing the dialog means. Servers send mere messages
 * as questions without answers; those are told.
 */
async function ask(params: ShowMessageRequestParams, log: vscode.LogOutputChannel): Promise<MessageActionItem | null> {
  const { message, actions = [] } = params;
  if (actions.length === 0) {
    void tell(params, log);
    return null;
  }
  const { message: first, detail } = splitQuestion(message);
  const items = actions.map((action, index) => ({ ...action, isCloseAffordance: index === actions.length - 1 }));
  const chosen = await vscode.window.showWarningMessage(first, { modal: true, detail }, ...items);
  return actions.find(({ title }) => title === chosen?.title) ?? null;
}
