import type { Span } from "../../syntax/span";

export interface HoverText {
  readonly span: Span;
  readonly markdown: string;
  /** The same for editors that show no Markdown. */
  readonly plain: string;
}

/** Our own prose, which has no markup but code and bold, for a place. */
export function hoverText(span: Span, markdown: string): HoverText {
  return { span, markdown, plain: plainText(markdown) };
}

export function plainText(markdown: string): string {
  return markdown.replace(/\*\*|`/g, "");
}
