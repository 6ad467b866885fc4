import type { HostChoice } from "../../../server/src/lsp/protocol";
import { plainText } from "../plainText";
import { destinationProblem } from "./destination";

/** One row of the host list. `ask` opens the box for a destination, `typed` takes what stands in the filter. */
export type HostItem =
  | { readonly kind: "separator"; readonly label: string }
  | { readonly kind: "host" | "typed"; readonly label: string; readonly description: string; readonly host: string }
  | { readonly kind: "ask"; readonly label: string; readonly description: string };

const GROUPS = [
  { source: "configuration", label: "in this workspace" },
  { source: "settings", label: "from the setting tidemark.hosts" },
  { source: "ssh", label: "from your ssh configuration" },
  { source: "local", label: "without SSH" },
] as const;

/**
 * The rows of the host list, in order: the known hosts by where they are known from, those the file belongs to first, what is typed (where it could be a
 * destination and is not on the way to a known name), and a row that asks for a destination. The selected host is always
 * among them.
 */
export function hostItems(choices: readonly HostChoice[], selected: string | null, filter: string): HostItem[] {
  const items: HostItem[] = [];
  if (selected !== null && !choices.some(({ name }) => name === selected)) {
    items.push({ kind: "separator", label: "used before" });
    items.push({ kind: "host", label: plainText(selected), description: "selected", host: selected });
  }
  for (const { source, label } of GROUPS) {
    const group = choices
      .filter((choice) => choice.source === source)
      .sort((one, other) => Number(other.ofFile) - Number(one.ofFile));
    if (group.length === 0) continue;
    items.push({ kind: "separator", label });
    for (const { name, detail, ofFile } of group) {
      const parts = [
        detail === name ? "" : plainText(detail),
        ofFile ? "has this file" : "",
        name === selected ? "selected" : "",
      ];
      const description = parts.filter((part) => part !== "").join(" · ");
      items.push({ kind: "host", label: plainText(name), description, host: name });
    }
  }
  if (items.length > 0) items.push({ kind: "separator", label: "" });
  const typed = filter.trim();
  if (destinationProblem(typed) === null && !items.some((item) => item.kind === "host" && matches(item, typed))) {
    items.push({ kind: "typed", label: plainText(typed), description: "use as destination", host: typed });
  }
  items.push({ kind: "ask", label: "Type a destination…", description: "user@host, user@host:port or an ssh alias" });
  return items;
}

/**
 * What the Enter key takes. `active` is the row the editor last reported; the reports trail behind fast typing, so it counts
 * only where it fits what is typed now.
 *
 * @returns null when nothing fits, and the list should stay open
 */
export function acceptedItem(items: readonly HostItem[], active: HostItem | null, filter: string): HostItem | null {
  const typed = filter.trim();
  const exact = items.find((item) => item.kind === "host" && item.host === typed);
  if (active?.kind === "host" && matches(active, typed)) return exact ?? active;
  if (active?.kind === "ask") return active;
  const fitting = items.find((item) => item.kind === "typed" || (item.kind === "host" && matches(item, typed)));
  return exact ?? fitting ?? null;
}

/** Whether the editor's filter keeps a row: the text is in what the row shows. */
function matches(item: { readonly label: string; readonly description: string }, filter: string): boolean {
  return `${item.label}\n${item.description}`.toLowerCase().includes(filter.toLowerCase());
}
