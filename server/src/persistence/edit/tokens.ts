/**
 * A small reader of Nix text for edits, which need what a syntax tree's data does not keep: comments, blank lines and brackets.
 * It is used only on text that the grammar has accepted, and answers null instead of guessing.
 */
export interface Token {
  /** `group` is a whole `( … )`, `[ … ]`, `{ … }` or `${ … }`. */
  readonly kind: "group" | "string" | "word" | "symbol";
  readonly start: number;
  readonly end: number;
}

const word = /[A-Za-z_][\w'-]*/y;
const pathLiteral = /[\w.+~-]{0,200}(?:\/[\w.+-]+)+\/?/y;
const deepest = 200;

/** The first offset from `at` that is neither white space nor in a comment. */
export function skipBlanks(text: string, at: number, to: number): number {
  let offset = at;
  while (offset < to) {
    const code = text.charCodeAt(offset);
    let end = offset;
    if (code === 32 || (code >= 9 && code <= 13)) end = offset + 1;
    else if (text[offset] === "#") end = lineEnd(text, offset);
    else if (text.startsWith("/*", offset)) end = text.indexOf("*/", offset + 2) + 2;
    if (end <= offset) break;
    offset = end;
  }
  return Math.min(offset, to);
}

/** The offset of the line break (or the end of the text) that ends the line of `at`. */
export function lineEnd(text: string, at: number): number {
  for (let offset = at; offset < text.length; offset++)
    if (text[offset] === "\n" || text[offset] === "\r") return offset;
  return text.length;
}

/** The tokens between two offsets, groups and strings whole; null where brackets or quotes do not match. */
export function tokens(text: string, from: number, to: number): Token[] | null {
  const found: Token[] = [];
  for (let at = skipBlanks(text, from, to); at < to; ) {
    const token = tokenAt(text, at, to, 0);
    if (token === null) return null;
    found.push(token);
    at = skipBlanks(text, token.end, to);
  }
  return found;
}

function tokenAt(text: string, at: number, to: number, depth: number): Token | null {
  const character = text[at] ?? "";
  const opens = text.startsWith("${", at) || "([{".includes(character);
  if (opens) return complete("group", at, groupEnd(text, at, to, depth));
  if (character === '"' || text.startsWith("''", at)) return complete("string", at, stringEnd(text, at, to, depth));
  if (")]}".includes(character)) return null;
  const path = pathEnd(text, at);
  if (path !== null) return { kind: "symbol", start: at, end: path };
  word.lastIndex = at;
  const name = word.exec(text);
  if (name !== null) return { kind: "word", start: at, end: at + name[0].length };
  return { kind: "symbol", start: at, end: at + 1 };
}

/** The offset behind the path that begins at `at`; null where none does. */
function pathEnd(text: string, at: number): number | null {
  let end = at;
  while (isPathCharacter(text.charCodeAt(end))) end++;
  if (text.charCodeAt(end) !== 47) return null;
  pathLiteral.lastIndex = at;
  const found = pathLiteral.exec(text);
  return found === null ? null : at + found[0].length;
}

/** `[\w.+~-]` */
function isPathCharacter(code: number): boolean {
  if (code >= 97) return code <= 122 || code === 126;
  return (code >= 65 && code <= 90) || code === 95 || (code >= 48 && code <= 57) || [43, 45, 46].includes(code);
}

function complete(kind: Token["kind"], start: number, end: number | null): Token | null {
  return end === null ? null : { kind, start, end };
}

/** The offset after the bracket that closes the one at `at`. */
function groupEnd(text: string, at: number, to: number, depth: number): number | null {
  if (depth > deepest) return null;
  const open = text[at] === "$" ? at + 1 : at;
  const close = { "(": ")", "[": "]", "{": "}" }[text[open] ?? ""];
  for (let offset = skipBlanks(text, open + 1, to); offset < to; ) {
    if (text[offset] === close) return offset + 1;
    const token = tokenAt(text, offset, to, depth + 1);
    if (token === null) return null;
    offset = skipBlanks(text, token.end, to);
  }
  return null;
}

/** The offset after the string that begins at `at`, as Nix reads `"…"` and `''…''` with their escapes and interpolations. */
function stringEnd(text: string, at: number, to: number, depth: number): number | null {
  const indented = text[at] === "'";
  for (let offset = at + (indented ? 2 : 1); offset < to; ) {
    if (text.startsWith("${", offset)) {
      const end = groupEnd(text, offset, to, depth + 1);
      if (end === null) return null;
      offset = end;
    } else if (text.startsWith("$$", offset)) offset += 2;
    else if (indented && text.startsWith("''\\", offset)) offset += 4;
    else if (indented && (text.startsWith("'''", offset) || text.startsWith("''$", offset))) offset += 3;
    else if (indented && text.startsWith("''", offset)) return offset + 2;
    else if (!indented && text[offset] === "\\") offset += 2;
    else if (!indented && text[offset] === '"') return offset + 1;
    else offset++;
  }
  return null;
}
