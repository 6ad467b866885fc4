import type { Connection, WorkDoneProgressServerReporter } from "vscode-languageserver/node";
import type { ClientSupport } from "./capabilities";

/** Shows work that the user can cancel; null where the client shows none. A client that will not gets the work done all the same. */
export async function beginProgress(
  connection: Connection,
  support: ClientSupport,
  { title, message }: { readonly title: string; readonly message: string },
  abort: AbortController,
): Promise<WorkDoneProgressServerReporter | null> {
  if (!support.progress) return null;
  const progress = await connection.window.createWorkDoneProgress().catch(() => null);
  if (progress === null) return null;
  progress.begin(title, undefined, message, true);
  progress.token.onCancellationRequested(() => abort.abort());
  return progress;
}
