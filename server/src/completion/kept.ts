import type { Scope } from "../persistence/model";
import { defaultHome, join, normalise, unknownHome } from "../persistence/paths";
import { type CompletionRequest, grownBy } from "./request";

/** The home that the paths of a scope are relative to; null for the system's. */
export function homeOfScope({ host, homes, soleUser }: CompletionRequest, scope: Scope): string | null {
  if (scope.kind === "system") return null;
  const user = scope.user ?? soleUser;
  if (user === null) return unknownHome;
  const stated = host.flatMap(({ persistence }) => persistence.facts.homes.get(user) ?? [])[0];
  return homes.get(user) ?? stated ?? defaultHome(user);
}

/**
 * Tells whether an absolute path is kept already, by an entry or below a directory that is one. The entry at the cursor does not count,
 * nor do storages that are switched off. `siblings` are the strings beside the cursor, which hold while the text does not parse.
 */
export function keptIn(
  request: CompletionRequest,
  scope: Scope,
  siblings: readonly string[],
): (path: string) => boolean {
  const { file, host, offset } = request;
  const grown = Math.max(0, grownBy(request));
  const declared = new Set<string>();
  const directories = new Set<string>();
  const homeOf = (of: Scope) => homeOfScope(request, of) ?? "";
  for (const { name, persistence } of host) {
    for (const block of persistence.blocks) {
      if (!block.enabled) continue;
      if (block.storagePath !== null) directories.add(normalise(block.storagePath));
      for (const list of block.lists) {
        const home = homeOf(list.scope);
        for (const entry of list.entries) {
          if (name === file.name && entry.span.start <= offset && offset <= entry.span.end + grown) continue;
          const path = join(home, entry.written);
          declared.add(path);
          if (entry.kind === "directory") directories.add(path);
        }
      }
    }
  }
  for (const written of siblings) declared.add(join(homeOf(scope), written));
  return (path) => {
    if (declared.has(path)) return true;
    for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (directories.has(at)) return true;
    return false;
  };
}
