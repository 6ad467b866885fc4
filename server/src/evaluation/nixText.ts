import type { NixError, NixPlace } from "./model";

/**
 * Reads an error as Nix prints it for people. Since 2.4 it is `error: MESSAGE`, a blank line and `at FILE:LINE:COLUMN:`; since 2.20 the
 * frames come first, and a second, indented `error: MESSAGE` ends them; before 2.4 it was one line, `error: MESSAGE, at FILE:LINE:COLUMN`.
 * Null where there is no error in the text. Source: `src/libutil/error.cc` of these versions.
 */
export function parseNixText(text: string): NixError | null {
  const lines = text.split("\n");
  const last = lines.findLastIndex((line) => /^\s*error: *\S/.test(line));
  if (last === -1) return null;
  const [first = "", ...rest] = lines.slice(last);
  const message = [first.replace(/^\s*error: */, "")];
  for (const line of rest) {
    if (
      /^\s*(?:at |…|\(use |\(stack )/.test(line) ||
      (line.trim() === "" && !/^ {7}\S/.test(rest[message.length] ?? ""))
    )
      break;
    message.push(line.trim());
  }
  const old = /^(.*), at (.+):(\d+):(\d+)$/.exec(message.join("\n"));
  if (old !== null) return { message: old[1] ?? "", place: place(old[2], old[3], old[4]), frames: [] };
  const after = lines.slice(last);
  const frame = after.findIndex((line) => line.trim().startsWith("…"));
  // Its own place follows the message; below a first "…" are frames, in versions that print them after the error.
  const [own = null] = placesIn(frame === -1 ? after : after.slice(0, frame));
  const outwards = frame === -1 ? [] : placesIn(after.slice(frame));
  // What comes before the error was printed outermost first.
  const frames = [...outwards, ...placesIn(lines.slice(0, last)).reverse()];
  return { message: message.join("\n").trim(), place: own, frames };
}

function placesIn(lines: readonly string[]): NixPlace[] {
  return lines.flatMap((line) => {
    const found = /^\s*at (\S.*):(\d+):(\d+):?\s*$/.exec(line);
    return found === null ? [] : [place(found[1], found[2], found[3])];
  });
}

function place(file = "", line = "", column = ""): NixPlace {
  return { file, line: Number(line), column: Number(column) };
}

/** The files a message of the module system names, as places without a line: ``- In `FILE': …``. */
export function filesIn(message: string): NixPlace[] {
  const found = message.matchAll(/\bIn [`']([^`'\n]+)'/g);
  return [...found].map(([, file = ""]) => ({ file, line: null, column: null }));
}

/** The option a message of the module system is about, as its names, outermost first; empty where it names none. */
export function optionIn(message: string): string[] {
  const [, option = ""] = /\boption [`']([^`'\n]+)'/.exec(message) ?? [];
  return [...option.matchAll(/"([^"]*)"|([^."]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
