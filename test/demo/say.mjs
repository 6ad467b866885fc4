// What the demo prints: headings, commands, notes. Colours only on a terminal, and not with NO_COLOR.
const coloured = process.stdout.isTTY === true && !process.env["NO_COLOR"];
const paint = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint("1");
const dim = paint("2");
const blue = paint("36");

const line = (text) => process.stdout.write(`${text}\n`);

export const heading = (text) => line(`\n${bold(text)}`);
export const note = (text) => line(text);
export const aside = (text) => line(dim(text));

const word = (text) => (/^(>|[\w@%+=:,./~-]+)$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Shows a command as it would be typed, broken where the line would grow long. `>` stands for itself. */
export function command(words) {
  let text = "$";
  let length = 1;
  for (const [at, part] of words.map(word).entries()) {
    // What belongs together stays together: an option and its value.
    const follows = /^(--|>)/.test(words[at - 1] ?? "");
    const needed = part.length + (/^(--|>)/.test(part) ? (words[at + 1] ?? "").length + 1 : 0);
    const breaks = !follows && length + needed > 99;
    text += breaks ? ` \\\n    ${part}` : ` ${part}`;
    length = (breaks ? 4 : length + 1) + part.length;
  }
  line(blue(text));
}
