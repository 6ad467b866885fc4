import { createWriteStream, openSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { ReadStream } from "node:tty";
import type { Prompter } from "../hosts/port";

/** Asks on the terminal itself, so that pipes on standard input and output stay free. Without a terminal every answer is no. */
export const terminalPrompter: Prompter = {
  async confirmHostKey(evidence) {
    const others = evidence.knownTypes.length === 0 ? "" : `\nKnown for it so far: ${evidence.knownTypes.join(", ")}.`;
    const answer = await ask(
      `The host key of ${evidence.host} (port ${evidence.port}) is not known.${others}\n` +
        `${evidence.keyType} key fingerprint is ${evidence.fingerprint}.\n` +
        "Connect? [o]nce, [a]lways (remember it), [N]o: ",
      true,
    );
    if (/^a(lways)?$/i.test(answer ?? "")) return "always";
    return /^o(nce)?$/i.test(answer ?? "") ? "once" : "no";
  },
  secret: ({ prompt, echo }) => ask(`${prompt}: `, echo),
  notice(message) {
    process.stderr.write(`${message}\n`);
    return () => undefined;
  },
};

/** One line from the terminal; null when there is no terminal, or the user ends the input. */
async function ask(question: string, echo: boolean): Promise<string | null> {
  const terminal = openTerminal();
  if (terminal === null) return null;
  const { input, output } = terminal;
  output.write(question);
  // With `terminal: true` readline turns the terminal's own echo off and writes what is typed itself: to nowhere, for a secret.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: echo ? output : nowhere, terminal: true });
  try {
    return await new Promise<string | null>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(null));
      lines.once("SIGINT", () => resolve(null));
    });
  } finally {
    lines.close();
    if (!echo) output.write("\n");
    input.destroy();
    output.end();
  }
}

function openTerminal(): { input: ReadStream; output: NodeJS.WritableStream } | null {
  try {
    return {
      input: new ReadStream(openSync("/dev/tty", "r")),
      output: createWriteStream("", { fd: openSync("/dev/tty", "w") }),
    };
  } catch {
    return null;
  }
}
