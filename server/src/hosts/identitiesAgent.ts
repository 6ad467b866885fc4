import { connect } from "node:net";
import { OpenSSHAgent, type ParsedKey, type SigningRequestOptions } from "ssh2";

/**
 * Talking to an ssh agent. Listing is done here, because the library drops keys it does not know without a word; signing is the
 * library's. Protocol: draft-miller-ssh-agent.
 */

export interface AgentKey {
  readonly blob: Buffer;
  readonly comment: string;
}

const requestIdentities = Buffer.from([0, 0, 0, 1, 11]);
const identitiesAnswer = 12;
const maxAnswer = 1 << 20;
const patienceMs = 5000;

/** The public keys an agent holds. Rejects with Error where it does not answer as an agent does. */
export function listAgentKeys(socketPath: string, signal: AbortSignal): Promise<readonly AgentKey[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = Buffer.alloc(0);
    const finish = (result: readonly AgentKey[] | Error) => {
      signal.removeEventListener("abort", stop);
      socket.destroy();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const stop = () => finish(new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    socket.setTimeout(patienceMs, () => finish(new Error("no answer in time")));
    socket.on("connect", () => socket.write(requestIdentities));
    socket.on("error", finish);
    socket.on("close", () => finish(new Error("closed without an answer")));
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4) return;
      const length = answer.readUInt32BE(0);
      if (length > maxAnswer) finish(new Error("the answer is too long"));
      else if (answer.length >= 4 + length) finish(parseAnswer(answer.subarray(4, 4 + length)));
    });
  });
}

function parseAnswer(answer: Buffer): readonly AgentKey[] | Error {
  if (answer[0] !== identitiesAnswer || answer.length < 5) return new Error("the agent is locked or refused");
  const count = answer.readUInt32BE(1);
  let at = 5;
  const next = (): Buffer | null => {
    if (at + 4 > answer.length) return null;
    const end = at + 4 + answer.readUInt32BE(at);
    if (end > answer.length) return null;
    const value = answer.subarray(at + 4, end);
    at = end;
    return value;
  };
  const keys: AgentKey[] = [];
  for (let i = 0; i < count; i++) {
    const blob = next();
    const comment = next();
    if (blob === null || comment === null) return new Error("the answer is cut short");
    keys.push({ blob, comment: comment.toString("utf8") });
  }
  return keys;
}

/** Lets the agent sign; it may ask its owner first, so there is no time limit but the signal. */
export function signWithAgent(
  socketPath: string,
  key: ParsedKey,
  data: Buffer,
  hash: string | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
    const algorithm: SigningRequestOptions = hash === "sha256" || hash === "sha512" ? { hash } : {};
    new OpenSSHAgent(socketPath).sign(key, data, algorithm, (error, signature) => {
      signal.removeEventListener("abort", stop);
      if (signature === undefined) reject(error ?? new Error("the agent gave no signature"));
      else resolve(signature);
    });
  });
}
