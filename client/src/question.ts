import { plainText } from "./plainText";

export interface Question {
  /** The first sentence. */
  readonly message: string;
  /** The rest, empty where there is none. */
  readonly detail: string;
}

/** A question of the server as a dialog shows it: what it is about, and below it the evidence. Safe to show. */
export function splitQuestion(text: string): Question {
  const plain = plainText(text, 2000);
  const end = plain.search(/[.?] /);
  return end < 0 ? { message: plain, detail: "" } : { message: plain.slice(0, end + 1), detail: plain.slice(end + 2) };
}
