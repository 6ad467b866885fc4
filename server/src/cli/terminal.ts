import { visible } from "../syntax/visible";

const codes = {
  bold: [1, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
  grey: [90, 39],
} as const;

/** Colours on a terminal only; NO_COLOR (https://no-color.org) and FORCE_COLOR are honoured. */
const coloured = (process.stdout.isTTY || Boolean(process.env["FORCE_COLOR"])) && !process.env["NO_COLOR"];

export function paint(colour: keyof typeof codes, text: string): string {
  const [on, off] = codes[colour];
  return coloured ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

/** `message` in place of the line that is there: on one line, since a second one would stay, and with nothing a terminal obeys. */
export function progressLine(message: string, columns: number | undefined): string {
  return `\r\x1b[K${visible(message).slice(0, (columns || 80) - 1)}`;
}

/** `1 error`, `2 errors`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** The colour of each level of findings. */
export const levelColours = { error: "red", warning: "yellow", info: "blue", hint: "grey" } as const;
