import { printable } from "./failures";
import { journalRecords } from "./journalRecords";
import type { JournalRecord } from "./model";
import { encodeBytes } from "./mountinfo";
import { type HostConnection, HostError, type Log } from "./port";
import { runProbe } from "./probeRun";
import type { Elevation } from "./probeScript";

export interface JournalOptions {
  /** The root whose journal it is, absolute; `/` where left out. */
  readonly root?: string;
  readonly elevate: Elevation;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Entries that are brought from the host, the last ones. */
const mostEntries = 5000;

/**
 * What the journal of this boot says was missed: files that programs did not find or could not use. Reads only; of the journal only entries that
 * complain of a file leave the host, and they are kept nowhere. Rejects with HostError.
 */
export async function readJournal(connection: HostConnection, options: JournalOptions): Promise<JournalRecord[]> {
  const lines: string[] = [];
  let state: string | null = null;
  const { status, result } = await runProbe(connection, {
    task: {
      what: "journal",
      parameters: [encodeBytes(options.root ?? "/"), String(mostEntries)],
      elevate: options.elevate,
    },
    signal: options.signal,
    log: options.log,
    onRecord(bytes, from, to) {
      const line = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
      if (/^#(?:\d+|lack)$/.test(line)) state = line;
      else lines.push(line);
    },
  });
  const said = printable(result.stderr);
  if (status !== 0 || state !== "#0") {
    const reason =
      state === "#lack"
        ? "it has no journalctl"
        : state === "#124"
          ? "it takes longer than a minute"
          : said || "journalctl failed";
    throw new HostError(
      "remote-tools",
      `The journal of ${connection.description} could not be read: ${reason}.`,
      "Try `journalctl -b` on the host; reading all of it takes root or the group systemd-journal.",
    );
  }
  return journalRecords(lines);
}
