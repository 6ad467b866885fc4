import type { Scope } from "./scope";

/** Characters that may be searched for the uses of names, for one file. */
const maximumScan = 10_000_000;

/**
 * Whether the text uses what `name`, with the attributes `path`, stands for more than once: then an edit of it changes more than one place.
 * Goes by the text and counts too many rather than too few: names in comments, the same name elsewhere.
 */
export function usedElsewhere(scope: Scope, name: string, path: readonly (string | null)[]): boolean {
  if (scope.applied) return true;
  const { run } = scope;
  const { source } = run;
  run.effort.scanned += source.length;
  if (run.effort.scanned > maximumScan || name === "") return true;
  let uses = 0;
  for (let at = source.indexOf(name); at !== -1; at = source.indexOf(name, at + name.length)) {
    if (isPartOfName(source[at - 1]) || source[at - 1] === "." || isPartOfName(source[at + name.length])) continue;
    const rest = /(?:\s*\.\s*[A-Za-z_][\w'-]*)*(?=(\s*(?:=(?!=)|:))?)/y;
    rest.lastIndex = at + name.length;
    const match = rest.exec(source);
    if (match?.[1] !== undefined) continue; // where it is bound
    const written = (match?.[0] ?? "").split(".").slice(1);
    const apart = written.some((segment, index) => index < path.length && segment.trim() !== path[index]);
    if (!apart) uses++;
    if (uses > 1) return true;
  }
  return false;
}

function isPartOfName(character: string | undefined): boolean {
  return character !== undefined && /[\w'-]/.test(character);
}
