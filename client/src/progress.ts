import * as vscode from "vscode";
import { type LanguageClient, type Middleware, WorkDoneProgressCancelNotification } from "vscode-languageclient/node";
import { plainText } from "./plainText";

type Handler = NonNullable<Middleware["handleWorkDoneProgress"]>;

interface Shown {
  readonly report: (message: string | undefined) => void;
  readonly end: () => void;
}

/**
 * Shows the server's cancellable work as a notification with a Cancel button. The language client would show it in the
 * status bar, where nobody finds how to stop it; what runs here is always started by the user, and may take a minute.
 */
export function createProgressView(client: () => LanguageClient | null): { handle: Handler; endAll: () => void } {
  const shown = new Map<string | number, Shown>();

  function begin(token: string | number, title: string, message: string | undefined): void {
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title: plainText(title) };
    void vscode.window.withProgress(
      options,
      (progress, cancellation) =>
        new Promise<void>((resolve) => {
          const report = (text: string | undefined) => {
            if (text !== undefined) progress.report({ message: plainText(text) });
          };
          cancellation.onCancellationRequested(() => {
            void client()?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
          });
          shown.set(token, { report, end: resolve });
          report(message);
        }),
    );
  }

  function end(token: string | number): void {
    shown.get(token)?.end();
    shown.delete(token);
  }

  return {
    handle: (token, params, next) => {
      if (params.kind === "begin" && params.cancellable === true) {
        begin(token, params.title, params.message);
        return;
      }
      const view = shown.get(token);
      if (view !== undefined && params.kind === "report") {
        view.report(params.message);
        return;
      }
      // The end goes to both: the language client has to forget the token as well.
      if (params.kind === "end") end(token);
      next(token, params);
    },
    /** For a server that ended without ending its work. */
    endAll: () => {
      for (const token of [...shown.keys()]) end(token);
    },
  };
}
