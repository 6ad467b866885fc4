import { quote } from "../../syntax/strings";
import type { PersistenceModule } from "../model";
import { columns, type Style, widest } from "./style";
import { optionsOf, type Wanted } from "./wanted";

/** An entry on one line. */
export function entryLine(wanted: Wanted, module: PersistenceModule, style: Style): string {
  const options = optionsOf(wanted, module);
  if (options.length === 0) return quote(wanted.written);
  const pairs = pairsOf(wanted, options).join(" ");
  return style.paddedSets ? `{ ${pairs} }` : `{${pairs}}`;
}

/** True when the entry is a plain string. */
export function isPlain(wanted: Wanted, module: PersistenceModule): boolean {
  return optionsOf(wanted, module).length === 0;
}

/** An entry on lines of its own, indented by `indent`; the first line is not, since the caller places it. */
export function entryText(wanted: Wanted, module: PersistenceModule, style: Style, indent: string): string {
  const line = entryLine(wanted, module, style);
  const options = optionsOf(wanted, module);
  if (options.length === 0 || (style.spread !== true && columns(indent + line) <= widest)) return line;
  const pairs = pairsOf(wanted, options).map((pair) => style.unit + pair);
  return ["{", ...pairs, "}"].join(style.eol + indent);
}

function pairsOf({ target, written }: Wanted, options: readonly (readonly [string, string])[]): string[] {
  return [[target.kind, quote(written)] as const, ...options].map(([name, value]) => `${name} = ${value};`);
}
