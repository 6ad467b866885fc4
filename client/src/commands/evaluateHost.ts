import * as vscode from "vscode";
import { type EvaluationArguments, type EvaluationOutcome, ServerCommands } from "../../../server/src/lsp/protocol";
import type { CommandContext } from "./context";
import { showFailure } from "./failure";
import { nixFile } from "./nixFile";
import { hostToUse } from "./selectHost";
import { requireTrust } from "./trust";

/** Asks the real Nix what the selected host persists. Differences show in the editor; failures are shown by the server. */
export async function evaluateHost(context: CommandContext): Promise<void> {
  if (!(await requireTrust())) return;
  const host = await hostToUse(context);
  if (host === null) return;
  const uri = nixFile();
  const evaluation: EvaluationArguments = uri === null ? { host } : { host, uri };
  try {
    const outcome = await context.server.execute<EvaluationOutcome>(ServerCommands.evaluate, evaluation);
    if (outcome.ok && outcome.message === null) void vscode.window.showInformationMessage(summary(outcome));
  } catch (error) {
    await showFailure(context.log, `${host} could not be evaluated.`, error);
  }
}

function summary({ host, differences, added }: EvaluationOutcome): string {
  if (differences === 0) return `Nix evaluates ${host} to exactly the paths its files show.`;
  const paths = added === 0 ? "" : ` ${added} of them ${added === 1 ? "is a path" : "are paths"} only Nix knows.`;
  return `Nix and the files of ${host} differ in ${differences} ${differences === 1 ? "thing" : "things"}, marked in the files.${paths}`;
}
