import type { Node } from "./node";

/** Text of a string literal, or the reason why it is not known. */
export type StringText = { readonly text: string } | { readonly unknown: string };

/**
 * Evaluates a `"…"` or `''…''` node. Half-typed strings are unknown, and so are interpolated ones,
 * but for those whose `${…}` nodes `interpolate` turns into text.
 */
export function stringText(
  node: Node,
  source: string,
  interpolate: (interpolation: Node) => string | null = () => null,
): StringText {
  if (node.hasError) return { unknown: "the string is not complete" };
  const plain = plainText(source.slice(node.startIndex, node.endIndex));
  if (plain !== null) return { text: plain };
  const parts: { text: string; literal: boolean }[] = [];
  const indented = node.type === "indented_string_expression";
  for (const child of node.namedChildren) {
    const raw = source.slice(child.startIndex, child.endIndex);
    if (child.type === "string_fragment") parts.push({ text: raw, literal: true });
    else if (child.type === "escape_sequence") parts.push({ text: resolveEscape(raw, indented), literal: false });
    else if (child.type === "dollar_escape")
      continue; // covers only the escape; the dollar follows as a fragment
    else if (child.type === "interpolation") {
      const text = interpolate(child);
      if (text === null) return { unknown: `\`${raw}\` is not resolved` };
      parts.push({ text, literal: false });
    } else return { unknown: "the string is not understood" };
  }
  if (!indented)
    return { text: parts.map(({ text, literal }) => (literal ? text.replace(/\r\n?/g, "\n") : text)).join("") };
  return { text: stripIndentation(parts) };
}

/** The text of a string as it is written, quotes included, that has nothing in it to be worked out; null for others, which most are not. */
function plainText(raw: string): string | null {
  if (raw.startsWith("''")) {
    const inside = raw.slice(2, -2);
    return inside.includes("$") || inside.includes("''") ? null : stripIndentation([{ text: inside, literal: true }]);
  }
  return raw.startsWith('"') && !/[\\$\r]/.test(raw) ? raw.slice(1, -1) : null;
}

/** `\n`, `\"`, `\${`, `''$`, `''\n`, `'''` and so on, to what they stand for. */
function resolveEscape(raw: string, indented: boolean): string {
  const body = indented ? raw.replace(/^''\\/, "\\") : raw;
  if (indented && raw === "'''") return "''";
  const rest = body.slice(1);
  return { n: "\n", r: "\r", t: "\t" }[rest] ?? rest;
}

/** Removes the common indentation of an indented string, as Nix does; a first line of blanks only goes away. */
function stripIndentation(parts: readonly { text: string; literal: boolean }[]): string {
  // Escapes must count as text and never as indentation or line ends, so they are held back behind a placeholder.
  const held: string[] = [];
  const joined = parts
    .map((part) => {
      if (part.literal) return part.text;
      held.push(part.text);
      return "\uE000";
    })
    .join("");
  const lines = joined.split("\n");
  let common = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (line.trim() === "" && !line.includes("\uE000")) continue;
    common = Math.min(common, line.length - line.trimStart().length);
  }
  if (common === Number.POSITIVE_INFINITY) common = 0;
  const stripped = lines.map((line) => line.slice(Math.min(common, line.length - line.trimStart().length)));
  if (lines.length > 1 && /^ *$/.test(stripped[0] ?? "")) stripped.shift();
  if (lines.length > 1 && /^ *$/.test(stripped[stripped.length - 1] ?? "")) stripped[stripped.length - 1] = "";
  let next = 0;
  return stripped.join("\n").replace(/\uE000/g, () => held[next++] ?? "");
}

/** Why a name cannot be written as a Nix string, or null when it can. */
export function unwritableReason(text: string): string | null {
  if (text.includes("\0")) return "the name contains a NUL byte, which a Nix string cannot hold";
  if (text.includes("\uFFFD")) return "the name is not valid UTF-8, and Nix text is UTF-8";
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text))
    return "the name is not valid Unicode";
  return null;
}

/** Writes `text` as a Nix string literal in double quotes. `unwritableReason` must have been asked before. */
export function quote(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, "\\$&")
    .replace(/\$(?=\{)/g, "\\$$")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t");
  return `"${escaped}"`;
}
