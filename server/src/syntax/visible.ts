/**
 * Text from a host or a file name, safe to show in one line: control characters, and those that turn the direction of writing,
 * are shown as escapes, so that no name moves a cursor, sets a colour, or reads as another.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
}
