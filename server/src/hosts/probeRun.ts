import { randomBytes } from "node:crypto";
import { type ExecResult, type HostConnection, HostError, type Log } from "./port";
import { garbled, unfinished } from "./probeFailures";
import { FrameError, type OnRecord, probeFrame, recordLimit } from "./probeFrame";
import { type ProbeTask, probeCommand, probeInput, protocolVersion } from "./probeScript";

export interface RunOptions {
  readonly task: Omit<ProbeTask, "number">;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onRecord: OnRecord;
  /** More for the probe's standard input, asked for when the probe has begun: the shells before it then take nothing of it. */
  readonly feed?: AsyncIterable<Uint8Array>;
  /** Called after each chunk. */
  readonly onChunk?: () => void;
  /** Longest record in bytes. */
  readonly limit?: number;
}

/**
 * Runs the probe once. Resolves with its own status and what the transport says of the process, after the end mark was seen;
 * rejects with HostError otherwise.
 */
export async function runProbe(
  connection: HostConnection,
  options: RunOptions,
): Promise<{ readonly status: number; readonly result: ExecResult }> {
  const number = randomBytes(16).toString("hex");
  const frame = probeFrame(number, protocolVersion, options.onRecord, options.limit ?? recordLimit);
  const stop = new AbortController();
  const forward = () => stop.abort(options.signal.reason);
  if (options.signal.aborted) forward();
  options.signal.addEventListener("abort", forward, { once: true });
  let failure: unknown = null;
  const started = Date.now();
  let bytes = 0;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const script = probeInput({ ...options.task, number });
  const { feed } = options;
  try {
    const result = await connection.exec(probeCommand, {
      stdin: feed === undefined ? script : followedBy(script, begun, feed),
      signal: stop.signal,
      onStdout(chunk) {
        if (failure !== null) return;
        bytes += chunk.length;
        try {
          frame.push(chunk);
          if (frame.state !== "noise") begin();
          options.onChunk?.();
        } catch (error) {
          // What is wrong with the output matters more than how the transport then ends the process.
          failure = error;
          stop.abort(error);
        }
      },
    });
    if (failure !== null) throw failure;
    options.log(`${options.task.what}: ${bytes} bytes in ${Date.now() - started} ms`);
    if (frame.status === null) throw unfinished(connection, frame, result);
    return { status: frame.status, result };
  } catch (error) {
    const cause = failure ?? error;
    if (cause instanceof FrameError || cause instanceof RangeError) {
      throw garbled(connection.description, cause.message, cause);
    }
    if (cause instanceof HostError || cause instanceof Error) throw cause;
    throw garbled(connection.description, String(cause), cause);
  } finally {
    options.signal.removeEventListener("abort", forward);
  }
}

async function* followedBy(
  script: Uint8Array,
  begun: Promise<void>,
  feed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield script;
  await begun;
  yield* feed;
}
