import type { HoverWorld } from "./context";
import { type HoverText, hoverText } from "./text";

/** What a rule is about, on its id in a comment that silences it. */
export function ignoredHover({ file: { text }, rules }: HoverWorld, offset: number): HoverText | null {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const nextLine = text.indexOf("\n", offset);
  const line = text.slice(lineStart, nextLine === -1 ? text.length : nextLine);
  if (line.length > 5000) return null;
  const match = /#[ \t]*tidemark-ignore(?:-file)?[ \t]+[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*/.exec(line);
  if (match === null) return null;
  for (const word of match[0].matchAll(/[\w-]+/g)) {
    const start = lineStart + match.index + word.index;
    const span = { start, end: start + word[0].length };
    const rule = rules.find(({ id }) => id === word[0]);
    if (rule !== undefined && span.start <= offset && offset <= span.end)
      return hoverText(span, `**${rule.title}** · ${rule.level}\n\n${rule.doc}`);
  }
  return null;
}
