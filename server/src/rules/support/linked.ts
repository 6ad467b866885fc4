import type { Entry } from "../../persistence/model";

/** How an entry is put in its place: a link to the storage, a bind mount (or what the module chooses), or not known. */
export function methodOf(entry: Entry): "link" | "mount" | "unknown" {
  for (const { name, value } of entry.settings) {
    if (name.name === null) return "unknown";
    if (name.name !== "method" && name.name !== "how") continue;
    if (value.kind !== "string") return "unknown";
    return value.text === "symlink" ? "link" : "mount";
  }
  return "mount";
}
