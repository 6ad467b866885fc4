import { optionPlace } from "../persistence/optionPlace";
import { type Place, placeAt } from "../syntax/place";
import { ruleSuggestions } from "./ignored";
import { nameSuggestions, valueSuggestions } from "./options";
import { pathSuggestions } from "./paths";
import { type CompletionRequest, grownBy } from "./request";
import type { Suggestions } from "./suggestion";
import { templatesFor } from "./templates";
import { userSuggestions } from "./users";

/** What can be typed at a place of a file, best first; null where nothing of ours belongs. Holds for texts that do not parse. Never throws. */
export function complete(request: CompletionRequest): Suggestions | null {
  const { text } = request.file;
  const place = placeAt(text, request.offset);
  if (place.at === "comment") return ruleSuggestions(request);
  if (place.at === "other" || isFormals(text, place)) return null;
  if (place.string !== null && (!place.string.plain || place.string.as === "name" || place.string.as === "other"))
    return null;
  // A string that was just closed is followed by nothing.
  if (place.string === null && place.at !== "name" && /["']/.test(text.charAt(place.word.start - 1))) return null;
  const option = optionPlace([...place.path, ...place.typed]);
  if (option === null) return place.at === "name" ? moduleSuggestions(request, place) : null;
  switch (option.kind) {
    case "paths": {
      const namesOne = place.at === "value" || place.string?.as === "value";
      const last = place.path.at(-1);
      // The value of `directories` itself is a list, not a path.
      if (namesOne && (last === undefined || last === "in" || !/^(?:directory|file)$/.test(last.name ?? "")))
        return null;
      return place.at === "name" ? null : pathSuggestions(request, option, place);
    }
    case "options":
      return place.at === "name" ? nameSuggestions(option, place, text) : null;
    case "users":
      return place.at === "name" ? userSuggestions(request, place) : null;
    case "value": {
      if (place.at !== "value" && place.string?.as !== "value") return null;
      const isOwner = option.spec.name === "user" || option.spec.name === "group";
      return isOwner ? userSuggestions(request, place) : valueSuggestions(option, place);
    }
    case "storages":
      return null;
  }
}

/** Templates, where the options of the file's own module are typed. */
function moduleSuggestions(request: CompletionRequest, place: Place): Suggestions | null {
  const { file, offset } = request;
  const names = place.path.map((step) => (step === "in" ? null : step.name));
  if (place.typed.length > 0 || !(names.length === 0 || (names.length === 1 && names[0] === "config"))) return null;
  const { moduleBody, syntaxError } = file.persistence;
  if (
    moduleBody !== null &&
    syntaxError === null &&
    !(moduleBody.start < offset && offset < moduleBody.end + grownBy(request))
  )
    return null;
  if (moduleBody === null && (syntaxError === null || place.depth > 1)) return null;
  // A flake, or a module of Home Manager, that is half-typed.
  if (place.names.some((name) => ["outputs", "inputs", "flake", "perSystem", "home"].includes(name))) return null;
  // What is typed for something else must not bring them up.
  const typed = file.text.slice(place.word.start, offset).toLowerCase();
  if (
    !["persistence", "ephemeral", "environment", "filesystems", "impermanence"].some((word) => word.startsWith(typed))
  )
    return null;
  const items = templatesFor(file.persistence);
  return items.length === 0 ? null : { replace: place.word, items };
}

/** Whether the cursor stands among the arguments of a function, which look like a set until the colon. */
function isFormals(text: string, { word, depth }: Place): boolean {
  if (depth !== 1) return false;
  return /^[^{}[\]();=]*\}\s*[:@]/.test(text.slice(word.end, word.end + 2000));
}
