import * as vscode from "vscode";
import type { SecretParams, SecretResult } from "../../server/src/lsp/protocol";
import { plainText } from "./plainText";
import { encryptSecret } from "./secret";

/** Asks for a password or passphrase; null when the user cancels, or when the answer cannot be passed on. Nothing is kept. */
export async function answerSecret(params: SecretParams, token: vscode.CancellationToken): Promise<SecretResult> {
  const answer = await vscode.window.showInputBox(
    { title: "Tidemark", prompt: plainText(params.prompt), password: !params.echo, ignoreFocusOut: true },
    token,
  );
  if (answer === undefined) return null;
  try {
    return encryptSecret(answer, params.publicKey);
  } catch {
    // The error is not logged: it could quote what was typed.
    void vscode.window.showErrorMessage(
      "Tidemark cannot pass on this answer: it is too long. The connection was not made.",
    );
    return null;
  }
}
