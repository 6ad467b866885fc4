/**
 * Makes text that the grammar rejects, but Nix accepts, parse: same length, so that offsets hold.
 * - a trailing comma in function formals (`{ a, b, }:`, as nixfmt writes it) becomes a space;
 * - the pipe operators `|>` and `<|` become `->`, the operator of lowest precedence the grammar has.
 * In strings and comments the replacement changes no structure; texts are always read from the original, never from the mask.
 * Linear in the text, whatever it holds.
 */
export function mask(text: string): string {
  let result = "";
  let copied = 0;
  for (let comma = text.indexOf(","); comma !== -1; ) {
    const after = skipBlanks(text, comma + 1);
    if (text[after] === "}") {
      result += `${text.slice(copied, comma)} `;
      copied = comma + 1;
    }
    comma = text.indexOf(",", after);
  }
  const commas = result + text.slice(copied);
  return /\|>|<\|/.test(commas) ? commas.replace(/\|>|<\|/g, "->") : commas;
}

/** The first offset from `at` that is neither white space nor in a comment. */
function skipBlanks(text: string, at: number): number {
  let offset = at;
  for (;;) {
    const code = text.charCodeAt(offset);
    let end = offset;
    if (code === 32 || (code >= 9 && code <= 13)) end = offset + 1;
    else if (text[offset] === "#") end = text.indexOf("\n", offset) + 1 || text.length;
    else if (text.startsWith("/*", offset)) end = text.indexOf("*/", offset) + 2;
    if (end === offset) return offset;
    if (end === 1) return text.length; // a comment that never ends
    offset = end;
  }
}
