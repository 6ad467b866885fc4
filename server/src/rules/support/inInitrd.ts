import type { Fix } from "../rule";
import { addOptions } from "./addOptions";
import type { Declared } from "./declared";
import { lacks } from "./modes";

/**
 * The fixes that have preservation mount an entry already in the initrd, for one that surely is not: it says nothing about that, or
 * `inInitrd = false`. Null for any other. `text` is the file's.
 */
export function mountInInitrd(text: string, declared: Declared): readonly Fix[] | null {
  const stated = declared.entry.settings.find(({ name }) => name.name === "inInitrd")?.value;
  const title = "Set `inInitrd = true`";
  if (stated === undefined)
    return lacks(declared, "inInitrd") ? addOptions(text, declared, title, [["inInitrd", "true"]]) : null;
  if (stated.kind !== "bool" || stated.value) return null;
  const isWritten = !declared.entry.shared && text.slice(stated.span.start, stated.span.end) === "false";
  return isWritten ? [{ title, edits: [{ span: stated.span, text: "true" }] }] : [];
}
