/** Characters that could hide or reorder what a text says: controls, marks of text direction, characters without width. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/**
 * Text that may come from a host, made safe to show: one line, at most `limit` UTF-16 units, nothing VS Code would take for
 * a link (`[label](command:…)`, which a click runs) or an icon (`$(name)`).
 */
export function plainText(text: string, limit = 300): string {
  const line = text
    .replace(UNPRINTABLE, " ")
    .replace(/ {2,}/g, " ")
    .replaceAll("](", "] (")
    .replaceAll("$(", "$ (")
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}
