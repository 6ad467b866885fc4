import type { Span } from "./span";

/** What begins at an offset of Nix code, as far as it matters for finding out where a cursor stands. */
export type Token =
  | { readonly kind: "word" | "path" | "number"; readonly end: number }
  | { readonly kind: "blank" | "comment"; readonly end: number }
  | { readonly kind: "quote" | "indented" | "open" | "close" | "equals" | "semicolon" | "dot"; readonly end: number }
  /** Operators and punctuation; `formals` for what stands only between arguments of a function. */
  | { readonly kind: "operator" | "formals"; readonly end: number };

const blank = /\s+/y;
const lineComment = /#[^\n\r]*/y;
// Bounded before the slash: a hostile `a.a.a…` would be looked at anew for each of its names.
const pathLiteral = /(?:~|[\w.+-]{0,64})(?:\/[\w.+-]+)+\/?/y;
const word = /[A-Za-z_][\w'-]*/y;
const number = /\d[\w.]*/y;
const operator = /==|!=|<=|>=|->|\/\/|\+\+|&&|\|\||\|>|<\|/y;

/** The token of Nix code that begins at `at`, which must lie before the end of the text. Never fails: an odd character is an operator. */
export function tokenAt(text: string, at: number): Token {
  const character = text.charAt(at);
  const end = at + 1;
  switch (character) {
    case "#":
      return { kind: "comment", end: endOf(lineComment, text, at) ?? end };
    case '"':
      return { kind: "quote", end };
    case "{":
    case "[":
    case "(":
      return { kind: "open", end };
    case "}":
    case "]":
    case ")":
      return { kind: "close", end };
    case ";":
      return { kind: "semicolon", end };
    case ",":
      return { kind: "formals", end };
  }
  if (text.startsWith("/*", at)) {
    const close = text.indexOf("*/", at + 2);
    return { kind: "comment", end: close === -1 ? text.length : close + 2 };
  }
  if (text.startsWith("''", at)) return { kind: "indented", end: at + 2 };
  if (text.startsWith("${", at)) return { kind: "open", end: at + 2 };
  if (text.startsWith("...", at)) return { kind: "formals", end: at + 3 };
  const blanks = endOf(blank, text, at);
  if (blanks !== null) return { kind: "blank", end: blanks };
  const path = endOf(pathLiteral, text, at);
  if (path !== null) return { kind: "path", end: path };
  const name = endOf(word, text, at);
  if (name !== null) return { kind: "word", end: name };
  const digits = endOf(number, text, at);
  if (digits !== null) return { kind: "number", end: digits };
  const joined = endOf(operator, text, at);
  if (joined !== null) return { kind: "operator", end: joined };
  if (character === "=") return { kind: "equals", end };
  return { kind: character === "." ? "dot" : "operator", end };
}

/** What ends a stretch of the inside of a string: its end, a `${`, or the end of the text (`null`). */
export function stringPart(
  text: string,
  at: number,
  indented: boolean,
): { readonly kind: "end" | "hole" | null; readonly span: Span } {
  const stop = indented ? /'''|''\$|''\\.|''|\$\$|\$\{/gs : /\\.|"|\$\$|\$\{/gs;
  stop.lastIndex = at;
  for (let match = stop.exec(text); match !== null; match = stop.exec(text)) {
    const [found] = match;
    const span = { start: match.index, end: match.index + found.length };
    if (found === "${") return { kind: "hole", span };
    if (found === '"' || found === "''") return { kind: "end", span };
  }
  return { kind: null, span: { start: text.length, end: text.length } };
}

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) && pattern.lastIndex > at ? pattern.lastIndex : null;
}
