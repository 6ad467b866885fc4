/** A record larger than this is no record of ours. A path is made of names of at most 255 bytes, and may be longer than the system takes one. */
export const recordLimit = 1 << 20;
/** What login scripts may print before the probe speaks. */
const noiseLimit = 1 << 20;

const nothing = Buffer.alloc(0);

/** What a host sent is not what the probe sends. The message says in what way, for people. */
export class FrameError extends Error {}

/** Receives the bytes `[from, to)` of one record. The buffer is reused: keep copies. */
export type OnRecord = (bytes: Uint8Array, from: number, to: number) => void;

export interface Frame {
  /** Takes the next chunk of standard output. Throws FrameError, and whatever `onRecord` throws. */
  push(chunk: Uint8Array): void;
  /** Where the stream is: before the first mark, between the marks, or after the last. */
  readonly state: "noise" | "records" | "ended";
  /** The status in the end mark; null before it. */
  readonly status: number | null;
  /** The beginning of what came before the first mark, for messages. */
  readonly noise: string;
}

/**
 * Cuts the records out of a probe's standard output: after `tidemark:NUMBER`, the version, and until `.end:NUMBER` with its
 * status. What shells print before and after is passed over.
 */
export function probeFrame(number: string, version: string, onRecord: OnRecord, limit = recordLimit): Frame {
  const begin = Buffer.from(`tidemark:${number}\0`);
  const end = Buffer.from(`.end:${number}`);
  let state: "noise" | "version" | "records" | "status" | "ended" = "noise";
  let rest: Buffer = nothing;
  let noise = "";
  let noiseLength = 0;
  let status: number | null = null;

  const control = (record: Buffer): void => {
    const text = record.toString("latin1");
    if (state === "version") {
      if (text !== version) throw new FrameError("it answers in another version of the records");
      state = "records";
      return;
    }
    if (!/^\d{1,3}$/.test(text)) throw new FrameError("its last record is broken");
    status = Number(text);
    state = "ended";
  };

  const within = (): boolean => state !== "noise" && state !== "ended";

  const skipNoise = (buffer: Buffer): number => {
    const at = buffer.indexOf(begin);
    const passed = at < 0 ? Math.max(0, buffer.length - begin.length + 1) : at;
    if (noise.length < 400) noise += buffer.toString("utf8", 0, Math.min(passed, 400));
    noiseLength += passed;
    if (noiseLength > noiseLimit) throw new FrameError("it prints without end before the probe starts");
    if (at < 0) return passed;
    state = "version";
    return at + begin.length;
  };

  /** Reads the whole records of `buffer`; where the rest begins. */
  const read = (buffer: Buffer): number => {
    let from = state === "noise" ? skipNoise(buffer) : 0;
    while (within()) {
      const to = buffer.indexOf(0, from);
      if ((to < 0 ? buffer.length : to) - from > limit) throw new FrameError("a record of it is too long");
      if (to < 0) break;
      if (state !== "records") control(buffer.subarray(from, to));
      else if (buffer[from] === 0x2e && end.equals(buffer.subarray(from, to))) state = "status";
      else onRecord(buffer, from, to);
      from = to + 1;
    }
    return from;
  };

  return {
    push(chunk) {
      if (state === "ended") return;
      let buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (rest.length > 0) {
        // Only the record that was cut in two is put together; all others are read where they lie.
        const end = state === "noise" ? -1 : buffer.indexOf(0);
        if (end < 0) buffer = Buffer.concat([rest, buffer]);
        else {
          const whole = Buffer.concat([rest, buffer.subarray(0, end + 1)]);
          rest = nothing;
          buffer = buffer.subarray(end + 1);
          read(whole);
        }
      }
      const from = read(buffer);
      // A copy, since the chunk's memory belongs to the transport.
      rest = from < buffer.length ? Buffer.from(buffer.subarray(from)) : nothing;
    },
    get state() {
      return state === "noise" || state === "ended" ? state : "records";
    },
    get status() {
      return status;
    },
    get noise() {
      return state === "noise" ? noise + rest.toString("utf8", 0, 400) : noise;
    },
  };
}
