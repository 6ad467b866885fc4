import { visible } from "../../../syntax/visible";

/** One thing to do on a host: what it does, and the command; null where something else is to be done then. */
export interface Step {
  readonly what: string;
  readonly command: string | null;
}

/** Commands for a person to run on a host, in their order. Tidemark runs none of them. */
export interface CommandSheet {
  /** What they are for: `Copy /var/lib/forgejo into the storage`. */
  readonly title: string;
  readonly host: string;
  readonly steps: readonly Step[];
}

/** Shell syntax of ours between words: `||`, `[`. */
export interface Syntax {
  readonly syntax: string;
}

/** `[ -e PATH ] ||`: what follows is done only where there is nothing yet. */
export const unlessThere = (path: string): (string | Syntax)[] => [
  { syntax: "[" },
  "-e",
  path,
  { syntax: "]" },
  { syntax: "||" },
];

/**
 * A step whose words are arguments exactly as given. Null where one of them cannot be written safely: characters that end a line, move a
 * cursor, turn the direction of writing or are not seen, and names that are no UTF-8.
 */
export function step(what: string, ...words: readonly (string | Syntax)[]): Step | null {
  const parts = words.map((word) => (typeof word === "string" ? shellWord(word) : word.syntax));
  return parts.includes(null) ? null : { what: visible(what), command: parts.join(" ") };
}

/** The sheet of steps; null where one of them cannot be written: half of it would do harm. */
export function sheetOf(title: string, host: string, steps: readonly (Step | null)[]): CommandSheet | null {
  const whole = steps.filter((one) => one !== null);
  return whole.length === steps.length ? { title: visible(title), host: visible(host), steps: whole } : null;
}

/** Something that is done by other means than a command. */
export function remark(what: string): Step {
  return { what: visible(what), command: null };
}

/** What nobody sees in a terminal, or what changes what is seen; U+FFFD stands for bytes that are no UTF-8. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u;

/** `text` as one word of a shell; null where it cannot be one that a person can check and paste. */
export function shellWord(text: string): string | null {
  if (unsafe.test(text)) return null;
  return /^[\w%+:,./@-][\w%+:,./@=-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The sheet as the text of a script with comments. */
export function sheetText({ title, host, steps }: CommandSheet): string {
  const lines = steps.flatMap(({ what, command }) => ["", `# ${what}`, ...(command === null ? [] : [command])]);
  return [
    `# ${title}`,
    `# For ${host}, as root. Tidemark ran none of this: read each line before you run it.`,
    ...lines,
    "",
  ].join("\n");
}
