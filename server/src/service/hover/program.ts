import { type CatalogEntry, type CatalogPath, catalog } from "../../knowledge/catalog";
import { isPattern } from "../../knowledge/matcher";
import { codeSpan, escapeMarkdown } from "../../knowledge/text";
import { covers } from "../../persistence/coverage";
import { defaultHome, join } from "../../persistence/paths";
import type { Place } from "../../syntax/place";
import type { Span } from "../../syntax/span";
import type { HoverWorld } from "./context";
import { type HoverText, hoverText } from "./text";

const byOption = new Map<string, CatalogEntry[]>();
for (const entry of catalog) {
  if (entry.nixosOption === null) continue;
  byOption.set(entry.nixosOption, [...(byOption.get(entry.nixosOption) ?? []), entry]);
}

/** Where a program keeps state, and whether this host keeps it: on the option that turns it on, such as `services.forgejo.enable`. */
export function programHover(world: HoverWorld, place: Place): HoverText | null {
  if (place.at !== "name") return null;
  const { text } = world.file;
  const rest = /^(?:\s*\.\s*[A-Za-z_][\w'-]*)*(?=\s*=)/.exec(text.slice(place.word.end, place.word.end + 500))?.[0];
  if (rest === undefined) return null;
  const word = text.slice(place.word.start, place.word.end);
  const before = [...place.path, ...place.typed].flatMap((step) => (step === "in" ? [] : [step.name ?? "?"]));
  const names = [
    ...before,
    word,
    ...rest
      .split(".")
      .slice(1)
      .map((name) => name.trim()),
  ];
  const start = names[0] === "config" ? 1 : names[0] === "home-manager" && names[1] === "users" ? 3 : 0;
  const entries = byOption.get(names.slice(start).join(".")) ?? [];
  if (entries.length === 0) return null;
  const span: Span = { start: place.typed[0]?.span.start ?? place.word.start, end: place.word.end + rest.length };
  return hoverText(span, entries.map((entry) => entryText(world, entry)).join("\n\n"));
}

function entryText(world: HoverWorld, entry: CatalogEntry): string {
  const lines = [`**${escapeMarkdown(entry.title)}**`];
  if (entry.paths.length === 0) lines.push("It keeps no state on disk.");
  else lines.push(`If its state is lost: ${entry.impactIfLost}`);
  const items = entry.paths.map((path) => `- ${codeSpan(path.path)} · ${path.role} · ${stateOf(world, entry, path)}`);
  if (items.length > 0) lines.push(items.join("\n"));
  if (entry.pathOption !== null) lines.push(`Moved with ${codeSpan(entry.pathOption)}.`);
  if (entry.caveats.length > 0) lines.push(entry.caveats.map((caveat) => `- ${caveat}`).join("\n"));
  return lines.join("\n\n");
}

function stateOf(
  { coverage, homes, users }: HoverWorld,
  { kind }: CatalogEntry,
  { path, persist }: CatalogPath,
): string {
  if (persist === "never") return "not to be persisted";
  if (isPattern(path)) return wish[persist];
  const places = kind === "user-app" ? users.map((user) => join(homes.get(user) ?? defaultHome(user), path)) : [path];
  return places.some((place) => covers(coverage, place))
    ? "**persisted**"
    : `no entry here keeps it (${wish[persist]})`;
}

const wish = { required: "persist it", recommended: "worth persisting", optional: "optional", never: "" } as const;
