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
  const commentEnd = nextFinder(text, "*/");
  for (let comma = text.indexOf(","); comma !== -1; ) {
    const after = skipBlanks(text, comma + 1, commentEnd);
    if (text[after] === "}") {
      result += `${text.slice(copied, comma)} `;
      copied = comma + 1;
    }
    comma = text.indexOf(",", after);
  }
  const commas = result + text.slice(copied);
  return /\|>|<\|/.test(commas) ? commas.replace(/\|>|<\|/g, "->") : commas;
}

/** The longest comment looked past: behind a comma in a string, what looks like a comment is none, and must not hide the rest of the text. */
const longestComment = 5000;

/** The first offset from `at` that is neither white space nor in a comment. */
function skipBlanks(text: string, at: number, commentEnd: (from: number) => number): number {
  let offset = at;
  for (;;) {
    const code = text.charCodeAt(offset);
    let end = offset;
    if (code === 32 || (code >= 9 && code <= 13)) end = offset + 1;
    else if (text[offset] === "#") end = text.indexOf("\n", offset) + 1 || text.length;
    else if (text.startsWith("/*", offset)) {
      const close = commentEnd(offset + 2);
      if (close - offset <= longestComment) end = close + 2;
    }
    if (end === offset) return offset;
    offset = end;
  }
}

/** Finds the next place of `what` for offsets that only grow; each part of the text is searched once. */
function nextFinder(text: string, what: string): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) found = text.indexOf(what, from);
    if (found === -1) found = Number.POSITIVE_INFINITY;
    return found;
  };
}
