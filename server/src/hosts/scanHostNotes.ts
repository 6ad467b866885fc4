import { printable } from "./failures";
import { compareLimits } from "./oldRoot";
import type { Facts } from "./recordsFacts";
import { type PlaceNoteInputs, placeNotes } from "./scanHostPlaceNotes";

export interface NoteInputs extends PlaceNoteInputs {
  /** Names that a host without the GNU tools could not tell. */
  readonly omitted: number;
  /** Files too large or too many to compare. */
  readonly skipped: number;
  /** What find printed where it could not read something. */
  readonly errors: readonly string[];
}

/** What the user should know about how far a scan could see, each with what to do about it. */
export function notesOf(facts: Facts, inputs: NoteInputs): string[] {
  const notes: string[] = [];
  const login = printable(facts.login) || "this user";
  if (facts.sudo === "refused") {
    notes.push(
      `Scanned as ${login}, without root: \`sudo -n\` asks for a password or is not allowed. Folders that only root may read are missing. To see all, connect as root, allow ${login} sudo without a password, or let Tidemark ask for the password (\`--sudo\`, or \`"sudo": true\` in tidemark.hosts).`,
    );
  } else if (facts.sudo === "no" && facts.login !== "root") {
    notes.push(`Scanned as ${login}, without root, as the settings say. Folders that only root may read are missing.`);
  } else if (facts.sudo === "none") {
    notes.push(
      `Scanned as ${login}, without root: there is no sudo. Folders that only root may read are missing. To see all, connect as root.`,
    );
  }
  if (facts.lacking.length > 0) notes.push(plainNote(facts, inputs.omitted));
  notes.push(...placeNotes(facts, inputs));
  if (inputs.skipped > 0) {
    const size = compareLimits.fileBytes >> 20;
    notes.push(
      `${inputs.skipped} file${inputs.skipped === 1 ? " was" : "s were"} not compared with the older root (larger than ${size} MiB, or too many) and count as changed.`,
    );
  }
  for (const error of inputs.errors) {
    notes.push(`Some paths could not be read: ${error === "" ? "the host does not say which" : error}.`);
  }
  return notes;
}

/** What a host without the GNU tools costs. */
export function plainNote({ lacking, plain, cmp }: Facts, omitted: number): string {
  const missing = [
    plain === "ls" ? "times are to the minute" : "times are to the second",
    ...(cmp ? [] : ["nothing is compared with an older root, for want of cmp"]),
    ...(omitted === 0
      ? []
      : [`${omitted} name${omitted === 1 ? "" : "s"} with a line break ${omitted === 1 ? "is" : "are"} left out`]),
  ];
  return `No GNU findutils and coreutils there (${lacking.map(printable).join(", ")} missing or of another kind), so it is read with ${plain === "ls" ? "find and ls" : "find and stat"} alone: slower, and ${missing.join(", ")}.`;
}
