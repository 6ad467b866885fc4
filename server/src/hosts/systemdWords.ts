const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", s: " " };

/** Words as systemd.syntax(7) and tmpfiles.d(5) split them: quotes keep spaces, also in the middle of a word; `\x2f`, `\s` and the like stand for characters. */
export function words(text: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\" && at + 1 < text.length) {
      const hex = /^x[0-9a-fA-F]{2}/.exec(text.slice(at + 1, at + 4));
      const next = text.charAt(at + 1);
      word =
        (word ?? "") +
        (hex === null ? (letters[next] ?? next) : String.fromCharCode(Number.parseInt(hex[0].slice(1), 16)));
      at += hex === null ? 1 : 3;
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== null) found.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (word !== null) found.push(word);
  return found;
}
