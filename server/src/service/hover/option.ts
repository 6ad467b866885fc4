import { optionPlace } from "../../persistence/optionPlace";
import { optionText } from "../../persistence/schemaText";
import type { Place } from "../../syntax/place";
import { type HoverText, hoverText } from "./text";

/** Type, meaning and default of the persistence option whose name or value the cursor is on. */
export function optionHover(text: string, place: Place): HoverText | null {
  const option = optionPlace([...place.path, ...place.typed]);
  if (option === null) return null;
  const word = text.slice(place.word.start, place.word.end);
  if (place.at === "name" && option.kind === "options") {
    const spec = option.specs.find(({ name }) => name === word);
    return spec === undefined ? null : hoverText(place.word, optionText(spec, option.schema.title));
  }
  const isValue = place.at === "value" || (place.at === "string" && place.string?.as === "value");
  if (!isValue || option.kind !== "value" || word === "") return null;
  return hoverText(place.word, optionText(option.spec, option.schema.title));
}
