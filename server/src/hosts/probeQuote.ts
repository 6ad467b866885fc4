/**
 * `text` as one word of a POSIX shell that means exactly these characters. The only way in which anything from outside
 * gets into the text of a script. Throws where the text holds NUL, which no word can.
 */
export function shellWord(text: string): string {
  if (text.includes("\0")) throw new RangeError("a shell word cannot hold NUL");
  return `'${text.replaceAll("'", "'\\''")}'`;
}
