import type { PersistenceModule } from "../model";
import { entryLine, entryText, isPlain } from "./entryText";
import { columns, type Style, widest } from "./style";
import type { Wanted } from "./wanted";

/** A whole list, from `[` to `]`, that stands behind `head` on a line indented by `indent`. */
export function newList(
  wanted: readonly Wanted[],
  module: PersistenceModule,
  style: Style,
  head: string,
  indent: string,
): string {
  const inline = inlineList(wanted, module, style, style.padded !== false);
  if (inline !== null && columns(indent + head + inline) + 1 <= widest) return inline;
  return spreadList(wanted, module, style, indent);
}

/** `[ "x" ]` for one plain string, else null. */
export function inlineList(
  wanted: readonly Wanted[],
  module: PersistenceModule,
  style: Style,
  padded: boolean,
): string | null {
  const [first] = wanted;
  if (first === undefined || wanted.length > 1 || !isPlain(first, module)) return null;
  const line = entryLine(first, module, style);
  return padded ? `[ ${line} ]` : `[${line}]`;
}

/** A list with one entry per line. */
export function spreadList(wanted: readonly Wanted[], module: PersistenceModule, style: Style, indent: string): string {
  const inner = indent + style.unit;
  const lines = wanted.map((one) => inner + entryText(one, module, style, inner));
  return ["[", ...lines, `${indent}]`].join(style.eol);
}
