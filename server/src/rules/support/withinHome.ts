import { normalise } from "../../persistence/paths";
import type { Declared } from "./declared";

/** A home for lookups of what a user keeps, whoever it is. */
const anyHome = "/home/user";

/**
 * An entry's path as the catalog is asked about it, and the home it lies in (null for the system's lists).
 * A user's paths are told by their place in the home, so that the user need not be known.
 */
export function lookupPath({ entry, list, path }: Declared): { readonly path: string; readonly home: string | null } {
  if (list.scope.kind === "system") return { path: path ?? normalise(`/${entry.written}`), home: null };
  return { path: normalise(`${anyHome}/${entry.written}`), home: anyHome };
}
