import type { CompletionRequest } from "./request";
import type { Suggestion, Suggestions } from "./suggestion";

/** Ids of rules in a comment that silences them: `# tidemark-ignore duplicate-path, |`. Null outside of one. */
export function ruleSuggestions({ file, offset, rules }: CompletionRequest): Suggestions | null {
  const lineStart = file.text.lastIndexOf("\n", offset - 1) + 1;
  if (offset - lineStart > 1000) return null;
  const before = file.text.slice(lineStart, offset);
  const match = /#[ \t]*tidemark-ignore(?:-file)?[ \t]+((?:[\w-]+[ \t]*,[ \t]*)*)([\w-]*)$/.exec(before);
  if (match === null) return null;
  const [, listed = "", typed = ""] = match;
  const taken = new Set(listed.split(",").map((id) => id.trim()));
  const after = /^[\w-]*/.exec(file.text.slice(offset, offset + 100))?.[0] ?? "";
  const items = rules
    .filter(({ id }) => !taken.has(id))
    .map(({ id, title, doc }): Suggestion => {
      const markdown = `**${title}**\n\n${doc}`;
      return { kind: "rule", label: id, detail: title, insert: id, snippet: null, doc: { kind: "text", markdown } };
    });
  return { replace: { start: offset - typed.length, end: offset + after.length }, items };
}
