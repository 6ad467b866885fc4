/** A pattern as `.gitignore` has them: `*`, `?` and `[a-z]` within one part of a path, `**` for any number of parts, `\` before a letter to take it as it is. */
export interface Glob {
  readonly parts: readonly Part[];
}

type Letter =
  | { readonly kind: "letter"; readonly letter: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | { readonly kind: "set"; readonly ranges: readonly (readonly [string, string])[]; readonly negated: boolean };
type Part = "**" | readonly Letter[];

/** Reads a pattern without leading and trailing slashes. Any text is one: what is no valid set stands for itself. */
export function parseGlob(pattern: string): Glob {
  return { parts: pattern.split("/").map((part) => (part === "**" ? part : lettersOf([...part]))) };
}

/** Whether `path`, without a leading slash, is what the pattern describes. Takes no more than pattern times path steps. */
export function matches({ parts }: Glob, path: string): boolean {
  return matchAll(parts, path.split("/"), (part) => part === "**", matchesPart);
}

function matchesPart(part: Part, name: string): boolean {
  if (part === "**") return true;
  return matchAll(part, [...name], (letter) => letter.kind === "star", matchesLetter);
}

function matchesLetter(letter: Letter, given: string): boolean {
  if (letter.kind === "letter") return letter.letter === given;
  if (letter.kind === "set") return letter.ranges.some(([from, to]) => given >= from && given <= to) !== letter.negated;
  return true;
}

/** Wildcard matching without backtracking further than to the last wildcard. */
function matchAll<Token>(
  pattern: readonly Token[],
  given: readonly string[],
  isWild: (token: Token) => boolean,
  fits: (token: Token, one: string) => boolean,
): boolean {
  let at = 0;
  let wild = -1;
  let from = 0;
  for (let index = 0; index < given.length; ) {
    const token = pattern[at];
    if (token !== undefined && isWild(token)) {
      wild = at;
      at += 1;
      from = index;
    } else if (token !== undefined && fits(token, given[index] ?? "")) {
      at += 1;
      index += 1;
    } else if (wild !== -1) {
      at = wild + 1;
      from += 1;
      index = from;
    } else return false;
  }
  return pattern.slice(at).every(isWild);
}

function lettersOf(text: readonly string[]): Letter[] {
  const letters: Letter[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (letter === "\\" && at + 1 < text.length) {
      at += 1;
      letters.push({ kind: "letter", letter: text[at] ?? "" });
    } else if (letter === "*") {
      if (letters.at(-1)?.kind !== "star") letters.push({ kind: "star" });
    } else if (letter === "?") letters.push({ kind: "any" });
    else {
      const set = letter === "[" ? setAt(text, at) : null;
      letters.push(set?.letter ?? { kind: "letter", letter });
      at = set?.end ?? at;
    }
  }
  return letters;
}

/** The set that begins at `start`, and where it ends; null where it is never closed. */
function setAt(text: readonly string[], start: number): { readonly letter: Letter; readonly end: number } | null {
  const negated = text[start + 1] === "!" || text[start + 1] === "^";
  const first = negated ? start + 2 : start + 1;
  const end = text.indexOf("]", first + 1);
  if (end === -1) return null;
  const ranges: [string, string][] = [];
  for (let at = first; at < end; at += 1) {
    const from = text[at] ?? "";
    if (text[at + 1] === "-" && at + 2 < end) {
      ranges.push([from, text[at + 2] ?? from]);
      at += 2;
    } else ranges.push([from, from]);
  }
  return { letter: { kind: "set", ranges, negated }, end };
}
