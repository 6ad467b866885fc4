import type { Entry } from "../../persistence/model";
import { quote, unwritableReason } from "../../syntax/strings";
import type { Fix } from "../rule";
import { removal } from "./removal";

/** `path` in quotes, as messages name paths: on one line and not endless, whatever a file says. */
export function shown(path: string): string {
  const flat = path.replace(/\p{Cc}+/gu, " ");
  return `"${flat.length > 120 ? `${flat.slice(0, 120)}…` : flat}"`;
}

/** An option's name or a word of the text, as messages show it. */
export function code(word: string): string {
  return `\`${shown(word).slice(1, -1)}\``;
}

/** The fix that takes an entry out of its list; none where its text is not this entry's alone. */
export function removeEntry(text: string, entry: Entry, title = `Remove ${shown(entry.written)}`): Fix[] {
  return entry.shared ? [] : [{ title, edits: [removal(text, entry.span)] }];
}

/** The fix that writes another path in the entry's string; none where the string is not written out, serves others too, or cannot hold it. */
export function rewritePath(text: string, entry: Entry, path: string): Fix[] {
  const raw = text.slice(entry.pathSpan.start, entry.pathSpan.end);
  if (unwritableReason(path) !== null || entry.shared) return [];
  let written: string | null = null;
  if (raw === `''${entry.written}''` && quote(path) === `"${path}"`) written = `''${path}''`;
  else if (isStringLiteral(raw)) written = quote(path);
  if (written === null) return [];
  return [{ title: `Write ${shown(path)}`, edits: [{ span: entry.pathSpan, text: written }] }];
}

/** The fixes as ones that can be applied without being looked at. */
export function safely(fixes: readonly Fix[]): Fix[] {
  return fixes.map((fix) => ({ ...fix, safe: true }));
}

/** Whether the text of an expression is a string and nothing else: no parentheses, no call, nothing put into it. */
export function isStringLiteral(raw: string): boolean {
  if (raw.length > 10_000) return false; // more than a regular expression should chew on
  return /^(?:"(?:[^"\\$]|\\.|\$(?!\{))*"|''(?:[^'$]|'(?!')|\$(?!\{))*'')$/s.test(raw);
}
