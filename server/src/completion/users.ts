import type { Place } from "../syntax/place";
import type { CompletionRequest } from "./request";
import type { Suggestion, Suggestions } from "./suggestion";

/** Users that the host's files or its scan know, where a user is named. */
export function userSuggestions(request: CompletionRequest, place: Place): Suggestions {
  const taken = new Set(place.at === "name" && place.typed.length === 0 ? place.names : []);
  const items = usersOf(request)
    .filter((user) => !taken.has(user))
    .map((user): Suggestion => {
      const plain = /^[A-Za-z_][\w'-]*$/.test(user);
      const mark = place.string === null ? '"' : "";
      const open = place.string !== null && !place.string.closed ? place.string.quote : "";
      const insert = plain && place.string === null && place.at === "name" ? user : `${mark}${user}${mark}${open}`;
      return { kind: "user", label: user, detail: "user", insert, snippet: null, doc: null };
    });
  return { replace: place.word, items };
}

function usersOf({ host, homes, soleUser }: CompletionRequest): string[] {
  const users = new Set<string>(soleUser === null ? [] : [soleUser]);
  for (const { persistence } of host) {
    for (const user of persistence.facts.homes.keys()) users.add(user);
    for (const option of persistence.facts.switches.keys()) {
      const user = /^(?:users|home-manager)\.users\.([^.]+)\./.exec(option)?.[1];
      if (user !== undefined) users.add(user);
    }
    for (const block of persistence.blocks) {
      for (const part of block.users) if (part.user !== null) users.add(part.user);
      for (const { scope } of block.lists) if (scope.kind === "user" && scope.user !== null) users.add(scope.user);
    }
  }
  for (const [user, home] of homes) if (home.startsWith("/home/") || user === "root") users.add(user);
  return [...users].filter((user) => /^[\w.$-]+$/.test(user)).sort();
}
