import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "./port";

/** One question of ssh, as the program that `SSH_ASKPASS` names hands it over. */
export interface AskedQuestion {
  readonly prompt: string;
  readonly hint: string;
}

/** The answer, or null for none. `signal` is aborted when the asker has gone, answered or not. */
export type AnswerQuestion = (question: AskedQuestion, signal: AbortSignal) => Promise<string | null>;

/** A question is some lines long. */
const maxQuestion = 1 << 16;

/** Answers the questions that arrive at `socketPath`, which lies in a folder only we can enter. */
export async function serveQuestions(socketPath: string, answer: AnswerQuestion, log: Log): Promise<Server> {
  const server = createServer((socket) => {
    serve(socket, answer).catch((error: unknown) => {
      log(`a question of ssh could not be answered: ${error instanceof Error ? error.message : String(error)}`);
      socket.destroy();
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return server;
}

async function serve(socket: Socket, answer: AnswerQuestion): Promise<void> {
  const gone = new AbortController();
  socket.on("error", () => undefined).once("close", () => gone.abort());
  const question = parse(await firstLine(socket));
  if (question === null) {
    socket.destroy();
    return;
  }
  const given = await answer(question, gone.signal);
  // The first line is the answer; nothing at all is a refusal.
  if (given === null) socket.end();
  else socket.end(`${given.split(/[\r\n]/, 1)[0] ?? ""}\n`);
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n") || text.length > maxQuestion) resolve(text.split("\n", 1)[0] ?? "");
    });
    socket.once("close", () => resolve(""));
  });
}

function parse(line: string): AskedQuestion | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("prompt" in value) || !("hint" in value)) return null;
    const { prompt, hint } = value;
    return typeof prompt === "string" && typeof hint === "string" ? { prompt, hint } : null;
  } catch {
    return null;
  }
}
