import type { OptionPlace } from "../persistence/optionPlace";
import type { OptionSpec } from "../persistence/schema";
import { optionText } from "../persistence/schemaText";
import type { Place } from "../syntax/place";
import { escapeSnippet, type Suggestion, type Suggestions } from "./suggestion";

/** Names of options that a set does not have yet; what the module removed or keeps for itself is not offered. */
export function nameSuggestions(
  option: Extract<OptionPlace, { kind: "options" }>,
  place: Place,
  text: string,
): Suggestions {
  // Names typed with dots go into another set than the one they stand in.
  const taken = new Set(place.typed.length === 0 ? place.names : []);
  // In front of its value a name is only a name.
  const isBound = /^\s*[=.]/.test(text.slice(place.word.end, place.word.end + 200));
  const items = option.specs
    .filter(({ name, removed, internal }) => removed === undefined && internal !== true && !taken.has(name))
    .sort((a, b) => Number(isList(b)) - Number(isList(a)))
    .map((spec): Suggestion => {
      const markdown = optionText(spec, option.schema.title);
      const snippet = isBound ? null : bindingSnippet(spec);
      const detail = `option of ${option.schema.title}`;
      return { kind: "option", label: spec.name, detail, insert: spec.name, snippet, doc: { kind: "text", markdown } };
    });
  return { replace: place.word, items };
}

/** Values of an option that has a few. */
export function valueSuggestions({ spec, schema }: Extract<OptionPlace, { kind: "value" }>, place: Place): Suggestions {
  const quoted = place.string;
  const written = (value: string) => {
    if (quoted === null) return `"${value}"`;
    return quoted.closed ? value : `${value}${quoted.quote}`;
  };
  const doc = { kind: "text", markdown: optionText(spec, schema.title) } as const;
  const item = (label: string, insert: string, detail: string): Suggestion => ({
    kind: "value",
    label,
    detail,
    insert,
    snippet: null,
    doc,
  });
  const items =
    spec.type === "bool"
      ? quoted === null
        ? ["true", "false"].map((value) => item(value, value, isDefault(spec, value)))
        : []
      : spec.type === "mode"
        ? modes.map(([mode, meaning]) => item(mode, written(mode), meaning))
        : typeof spec.type === "string"
          ? []
          : spec.type.map((value) => item(value, written(value), isDefault(spec, `"${value}"`)));
  return { replace: place.word, items };
}

/** Modes people give to what they keep, with what they mean. */
const modes: readonly (readonly [string, string])[] = [
  ["0700", "the owner only"],
  ["0750", "the owner; the group may read"],
  ["0755", "the owner; everyone may read"],
  ["0770", "the owner and the group"],
  ["0600", "a file for the owner only"],
  ["0644", "a file everyone may read"],
  ["1777", "everyone, each deletes only their own, as in /tmp"],
];

function isList({ type }: OptionSpec): boolean {
  return type === "directories" || type === "files" || type === "users";
}

function isDefault(spec: OptionSpec, value: string): string {
  return spec.default === value ? "default" : "";
}

/** `name = …;` with a place for the value. */
function bindingSnippet({ name, type }: OptionSpec): string {
  if (typeof type !== "string") return `${name} = "\${1|${type.map(escapeSnippet).join(",")}|}";`;
  switch (type) {
    case "bool":
      return `${name} = \${1|true,false|};`;
    case "directories":
    case "files":
      return `${name} = [\n  "$0"\n];`;
    case "strings":
      return `${name} = [ "$0" ];`;
    case "users":
      return `${name}.$0`;
    case "attrs":
      return `${name} = { $0 };`;
    default:
      return `${name} = "$0";`;
  }
}
