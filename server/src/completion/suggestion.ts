import type { Span } from "../syntax/span";

/** Something that can be put in at the cursor. Plain data; the order of a list of them is their rank. */
export interface Suggestion {
  readonly kind: "directory" | "file" | "option" | "value" | "user" | "template" | "rule";
  /** What a list shows, and what is compared with what is typed. */
  readonly label: string;
  /** A few words beside it. */
  readonly detail: string;
  /** The text that takes the place of what is typed. Lines after the first are not indented yet. */
  readonly insert: string;
  /** The same with places to fill in, in the protocol's snippet syntax; null where there are none. */
  readonly snippet: string | null;
  readonly doc: SuggestionDoc | null;
}

/** `path`: looked up when it is asked for; absolute, with the home it may lie in. */
export type SuggestionDoc =
  | { readonly kind: "text"; readonly markdown: string }
  | { readonly kind: "path"; readonly path: string; readonly home: string | null };

export interface Suggestions {
  /** What is replaced: it begins where the typed word begins, and may end behind the cursor. */
  readonly replace: Span;
  readonly items: readonly Suggestion[];
}

/** A text with places to fill in, written `«1:default»`, and `«1»` where the same is repeated. */
export function fillIn(text: string): { readonly insert: string; readonly snippet: string } {
  const defaults = new Map<string, string>();
  for (const [, number = "", given] of text.matchAll(place)) if (given !== undefined) defaults.set(number, given);
  const insert = text.replace(place, (_, number: string) => defaults.get(number) ?? "");
  let snippet = "";
  let from = 0;
  for (const match of text.matchAll(place)) {
    const [whole, number = "", given] = match;
    snippet += escapeSnippet(text.slice(from, match.index));
    snippet += given === undefined ? `\${${number}}` : `\${${number}:${escapeSnippet(given)}}`;
    from = match.index + whole.length;
  }
  return { insert, snippet: snippet + escapeSnippet(text.slice(from)) };
}

const place = /«(\d)(?::([^»]*))?»/g;

/** Text that a snippet holds as it is. */
export function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}
