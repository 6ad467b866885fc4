import type { Fix } from "../rule";
import type { Declared } from "./declared";
import { eolOf, lineStart } from "./lines";
import { isStringLiteral } from "./text";

/**
 * The fix that gives an entry options it does not have yet: a string becomes a set, a set gets them behind the path. None where the
 * entry is not written out in its list, serves others too, or sets one of them.
 * @param options names with their values as Nix text.
 */
export function addOptions(
  text: string,
  { entry, list }: Declared,
  title: string,
  options: readonly (readonly [string, string])[],
): Fix[] {
  const written = text.slice(entry.pathSpan.start, entry.pathSpan.end);
  const names = new Set(entry.settings.map(({ name }) => name.name));
  if (entry.shared || !isStringLiteral(written) || options.some(([name]) => names.has(name))) return [];
  if (entry.span.start < list.span.start || entry.span.end > list.span.end) return [];
  const bindings = options.map(([name, value]) => `${name} = ${value};`);
  if (entry.form === "string") {
    const set = `{ ${entry.kind} = ${written}; ${bindings.join(" ")} }`;
    return [{ title, edits: [{ span: entry.span, text: set }] }];
  }
  const rest = /\s*;/y;
  rest.lastIndex = entry.pathSpan.end;
  if (!rest.test(text)) return [];
  const gap = gapBefore(text, entry.pathSpan.start);
  const at = rest.lastIndex;
  return [{ title, edits: [{ span: { start: at, end: at }, text: bindings.map((line) => gap + line).join("") }] }];
}

/** The fix that sets a directory's or a file's mode. */
export function setMode(text: string, declared: Declared, mode: string): Fix[] {
  return addOptions(text, declared, `Set the mode ${mode}`, [["mode", `"${mode}"`]]);
}

/** What separates a binding from the one before it: a line break with the indentation of `offset`'s line where that begins it, else a blank. */
function gapBefore(text: string, offset: number): string {
  const indent = /^[ \t]*(?=(?:directory|file)\b)/.exec(text.slice(lineStart(text, offset), offset))?.[0];
  return indent === undefined ? " " : `${eolOf(text)}${indent}`;
}
