import { constants, generateKeyPair, privateDecrypt } from "node:crypto";
import { promisify } from "node:util";
import {
  type CancellationToken,
  CancellationTokenSource,
  type Connection,
  type MessageActionItem,
  MessageType,
  ShowMessageNotification,
  ShowMessageRequest,
  type ShowMessageRequestParams,
} from "vscode-languageserver/node";
import { HostError, type HostKeyEvidence, type Prompter, type SecretRequest } from "../hosts/port";
import type { ClientSupport } from "./capabilities";
import { SecretMethod, type SecretParams, type SecretResult } from "./protocol";

/** Tells the user something; nothing is asked. (The library's own helpers send a request even then, which not every client takes.) */
export function tell(connection: Connection, type: MessageType, message: string): void {
  void connection.sendNotification(ShowMessageNotification.type, { type, message });
}

/** Asks through the editor: host keys with the protocol's own message request, secrets with ours. */
export function editorPrompter(connection: Connection, support: ClientSupport): Prompter {
  return {
    confirmHostKey: (evidence, signal) => withdrawable(signal, (token) => confirmHostKey(connection, evidence, token)),
    secret: (request, signal) => withdrawable(signal, (token) => askSecret(connection, support, request, token)),
    notice(message) {
      tell(connection, MessageType.Info, message);
      return () => undefined;
    },
  };
}

/** Asks with a token that is cancelled when nobody waits for the answer any more, so that the editor can take the question away. */
async function withdrawable<T>(
  signal: AbortSignal | undefined,
  ask: (token: CancellationToken) => Promise<T>,
): Promise<T> {
  const source = new CancellationTokenSource();
  const withdraw = () => source.cancel();
  signal?.addEventListener("abort", withdraw, { once: true });
  if (signal?.aborted) withdraw();
  try {
    return await ask(source.token);
  } finally {
    signal?.removeEventListener("abort", withdraw);
    source.dispose();
  }
}

async function confirmHostKey(
  connection: Connection,
  evidence: HostKeyEvidence,
  token: CancellationToken,
): Promise<"once" | "always" | "no"> {
  const others = evidence.knownTypes.length === 0 ? "" : ` Known for it so far: ${evidence.knownTypes.join(", ")}.`;
  const message =
    `The host key of ${evidence.host} (port ${evidence.port}) is not known.${others} ` +
    `It is ${evidence.keyType}, fingerprint ${evidence.fingerprint}. ` +
    "Connect only if this is the fingerprint the host itself shows (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub).";
  const choices: readonly { readonly title: string; readonly answer: "once" | "always" | "no" }[] = [
    { title: "Trust This Time", answer: "once" },
    { title: "Trust and Remember", answer: "always" },
    { title: "Do Not Connect", answer: "no" },
  ];
  const params: ShowMessageRequestParams = {
    type: MessageType.Warning,
    message,
    actions: choices.map(({ title }) => ({ title })),
  };
  const chosen: MessageActionItem | null = await connection.sendRequest(ShowMessageRequest.type, params, token);
  return choices.find((choice) => choice.title === chosen?.title)?.answer ?? "no";
}

/** The answer comes back encrypted for a key made for this one question, so that no trace of the protocol shows it. */
async function askSecret(
  connection: Connection,
  support: ClientSupport,
  request: SecretRequest,
  token: CancellationToken,
): Promise<string | null> {
  if (!support.tidemark)
    throw new HostError(
      "auth-failed",
      `${request.prompt} is needed, and this editor has no safe way to ask for it.`,
      "Load the key into ssh-agent with ssh-add, then scan again.",
    );
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const params: SecretParams = {
    prompt: request.prompt,
    echo: request.echo,
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
  const sealed = await connection.sendRequest<SecretResult>(SecretMethod, params, token);
  if (sealed === null) return null;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return privateDecrypt({ key: privateKey, padding, oaepHash: "sha256" }, Buffer.from(sealed, "base64")).toString(
    "utf8",
  );
}
