import type { Client, ClientChannel } from "ssh2";
import { cancelled, commandRefused, dropped } from "./failures";
import type { ExecOptions, ExecResult } from "./port";
import { writeStdin } from "./stdin";

/** One command on one channel of its own. */

const stderrTail = 4096;

/**
 * Runs `command`; see HostConnection.exec for what goes in and comes out. `untilLost` rejects when the connection is gone; that
 * rejection is the caller's to report, here it only ends the work.
 */
export async function runCommand(
  client: Client,
  host: string,
  command: string,
  options: ExecOptions,
  untilLost: Promise<never>,
): Promise<ExecResult> {
  const { signal } = options;
  if (signal.aborted) throw cancelled(host);
  const started = start(client, host, command, options);
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled(host));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([started.then(({ result }) => result), aborted, untilLost]);
  } catch (error) {
    // Whatever went wrong, the remote process must not go on.
    started.then(({ channel }) => terminate(client, channel)).catch(() => undefined);
    throw error;
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}

interface Started {
  readonly channel: ClientChannel;
  readonly result: Promise<ExecResult>;
}

/** Listens from within the library's callback: output and exit status of a quick command may come in the same packet. */
function start(client: Client, host: string, command: string, options: ExecOptions): Promise<Started> {
  return new Promise((resolve, reject) => {
    try {
      client.exec(command, (error, channel) => {
        if (error === undefined || error === null) {
          const result = transfer(channel, options);
          result.catch(() => undefined);
          resolve({ channel, result });
        } else reject(commandRefused(host, error.message));
      });
    } catch (error) {
      reject(dropped(host, error instanceof Error ? error.message : undefined));
    }
  });
}

/** Pumps the three streams until the channel closes. Rejects with what `onStdout` throws. */
function transfer(channel: ClientChannel, { stdin, onStdout }: ExecOptions): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    let errors = Buffer.alloc(0);
    let code: number | null = null;
    let signalName: string | null = null;
    let lastChunk: Promise<void> = Promise.resolve();
    channel.on("error", () => undefined);
    channel.on("exit", (status: number | null, name?: string) => {
      code = status;
      signalName = name?.replace(/^SIG/, "") ?? null;
    });
    channel.stderr.on("data", (chunk: Buffer) => {
      errors = Buffer.concat([errors, chunk]).subarray(-stderrTail);
    });
    channel.on("data", (chunk: Buffer) => {
      try {
        const taken = onStdout(chunk);
        if (taken === undefined) return;
        channel.pause();
        lastChunk = taken.then(() => void channel.resume());
        lastChunk.catch(reject);
      } catch (error) {
        reject(error);
      }
    });
    channel.on("close", () => {
      lastChunk.then(() => resolve({ code, signal: signalName, stderr: errors.toString("utf8") }), reject);
    });
    // The stream splits this into what the other side has room for; a command that does not read its input just ends.
    writeStdin(channel, stdin);
  });
}

/** The parts of the library that send a signal whatever the state of our side of the channel. */
interface SignalSender {
  readonly _protocol?: { signal?(channel: number, name: string): void };
}

/**
 * Ends the remote process: SIGTERM, then the channel. The library's own `signal()` stays silent once standard input is closed,
 * which here it always is.
 */
function terminate(client: Client & SignalSender, channel: ClientChannel): void {
  const { outgoing } = channel;
  const id = typeof outgoing === "object" && outgoing !== null && "id" in outgoing ? outgoing.id : undefined;
  try {
    if (typeof id === "number") client._protocol?.signal?.(id, "TERM");
    channel.close();
  } catch {
    // The connection is gone, and the process with it.
  }
  // Nobody listens any more; what still arrives has to flow off or the channel never finishes closing.
  channel.removeAllListeners("data").resume();
  channel.stderr.resume();
}
