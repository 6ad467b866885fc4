import type { Span } from "../../syntax/span";
import type { Fix } from "../rule";

/** The fix that silences a rule for a binding, by a comment on a line of its own above it. None where something else begins that line. */
export function ignoreAbove(text: string, binding: Span, code: string, title: string): Fix[] {
  const start = binding.start === 0 ? 0 : text.lastIndexOf("\n", binding.start - 1) + 1;
  const indent = text.slice(start, binding.start);
  if (!/^[ \t]*$/.test(indent)) return [];
  const end = text[start - 2] === "\r" ? "\r\n" : "\n";
  return [{ title, edits: [{ span: { start, end: start }, text: `${indent}# tidemark-ignore ${code}${end}` }] }];
}
