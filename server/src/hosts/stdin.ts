import { Readable, type Writable } from "node:stream";

/** What a command reads: all of it known before, or handed over while it runs, until it ends. */
export type Stdin = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Writes `stdin` to a command and closes its input. Errors of the stream are the caller's to listen for; a command may end before. */
export function writeStdin(stream: Writable, stdin: Stdin): void {
  if (typeof stdin === "string") stream.end(Buffer.from(stdin));
  else if (stdin instanceof Uint8Array) stream.end(stdin);
  else {
    // One piece ahead: what is handed over late may depend on what the command has done until then.
    const source = Readable.from(stdin, { highWaterMark: 1 });
    source.on("error", () => stream.destroy());
    stream.once("close", () => source.destroy());
    source.pipe(stream);
  }
}
