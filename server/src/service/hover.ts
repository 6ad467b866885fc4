import { type Place, placeAt } from "../syntax/place";
import type { HoverWorld } from "./hover/context";
import { entryHover } from "./hover/entry";
import { ignoredHover } from "./hover/ignored";
import { optionHover } from "./hover/option";
import { programHover } from "./hover/program";
import type { HoverText } from "./hover/text";

/**
 * What to say about the place under `offset`: the path of an entry, a persistence option, the option that turns a program with state on,
 * or a rule that a comment silences. Null where there is nothing of ours.
 */
export function hoverAt(world: HoverWorld, offset: number): HoverText | null {
  const { text } = world.file;
  const entry = entryHover(world, offset);
  if (entry !== null) return entry;
  const place = placeOn(text, offset);
  if (place.at === "comment") return ignoredHover(world, offset);
  return optionHover(text, place) ?? programHover(world, place);
}

/** The place of the word under the cursor; a cursor in front of a word is on it. */
function placeOn(text: string, offset: number): Place {
  const starts = /[A-Za-z_]/.test(text.charAt(offset)) && !/[\w'-]/.test(text.charAt(offset - 1));
  return placeAt(text, starts ? offset + 1 : offset);
}
