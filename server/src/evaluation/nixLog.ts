import { type Json, parseJson, record, string } from "./json";
import type { NixError, NixPlace } from "./model";
import { parseNixText } from "./nixText";

/** What Nix writes on standard error, line by line: JSON after `@nix`, or plain text from versions and wrappers that do not know it. */
export class NixLog {
  #error: NixError | null = null;
  #plain = "";

  /** Takes one line; a text for people where it says what Nix is at, else null. */
  line(line: string): string | null {
    if (!line.startsWith("@nix ")) {
      this.#plain = `${this.#plain}${line}\n`.slice(-maximumPlain);
      return null;
    }
    const entry = record(parseJson(line.slice(5)));
    if (entry["action"] === "start") return clean(string(entry["text"]) ?? "") || null;
    // Level 0 is an error; the last one is what ended the evaluation.
    if (entry["action"] === "msg" && entry["level"] === 0) this.#error = errorOf(entry);
    return null;
  }

  /** The error Nix ended with; null where it named none. */
  error(): NixError | null {
    return this.#error ?? parseNixText(clean(this.#plain, true));
  }
}

/** Characters of plain text kept, from its end: the error comes last. */
const maximumPlain = 200_000;
/** Frames of a trace looked at; infinite recursion has thousands. */
const maximumFrames = 500;

function errorOf(entry: Json): NixError {
  const text = clean(string(entry["raw_msg"]) ?? "", true).trim();
  const whole = parseNixText(clean(string(entry["msg"]) ?? "", true));
  const trace = Array.isArray(entry["trace"]) ? entry["trace"].slice(0, maximumFrames) : [];
  const frames = trace.flatMap((frame) => placeOf(record(frame)) ?? []);
  return {
    message: text === "" ? (whole?.message ?? "Nix gave no reason") : text,
    place: placeOf(entry) ?? (frames.length > 0 ? null : (whole?.place ?? null)),
    frames: frames.length > 0 ? frames : (whole?.frames ?? []),
  };
}

function placeOf({ file, line, column }: Json): NixPlace | null {
  if (typeof file !== "string" || file === "" || typeof line !== "number" || line < 1) return null;
  return { file, line, column: typeof column === "number" && column > 0 ? column : null };
}

/** Without the colours and other escapes of a terminal; in one line unless `lines`. */
function clean(text: string, lines = false): string {
  const plain = text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
  return lines ? plain.replace(/\r/g, "") : plain.replace(/\s+/g, " ").trim();
}
