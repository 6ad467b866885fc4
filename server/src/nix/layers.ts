import { update } from "./attrs";
import { isLibraryName, libraryMember } from "./library";
import { indexOf, select } from "./select";
import { type OpenSet, type Run, resolved, settled, type Term, unknown, unwrap } from "./terms";

/** Sets of which not all attributes are known, one over the other: `nixpkgs.lib // { … }`, `inputs // { … }`. */

/** What becomes of an attribute that both sets have: `//` takes the upper one. */
type Join = (lower: Term, upper: Term) => Term;

/** Layers with functions of nixpkgs' library in them. */
const libraries = new WeakSet<OpenSet>();

/** Whether the set is to be asked for names instead of being looked through. */
export function isPartlyKnown(wrapped: Term): boolean {
  const term = settled(wrapped);
  return term.kind === "library" || (term.kind === "open" && term.set.whole().kind === "unknown");
}

/** Whether a set has the attribute; null where that is not known. */
export function hasMember(wrapped: Term, name: string): boolean | null {
  const term = settled(wrapped);
  if (term.kind === "open") return term.set.has(name);
  if (term.kind === "library") return libraryMember(term, name).kind === "unknown" ? null : true;
  if (term.kind !== "attrs") return null;
  const index = indexOf(term);
  const members = index.get(name);
  if (members === undefined) return term.unknown.length > 0 || index.has(null) ? null : false;
  return members.some((one) => one.conditional) ? null : true;
}

/**
 * `lower // upper`, looked up name by name; null where one is no set.
 * What is not known to replace a function of nixpkgs' library is taken not to.
 */
export function layered(wrappedUpper: Term, wrappedLower: Term, run: Run, join?: Join): Term | null {
  const [upper, lower] = [settled(wrappedUpper), settled(wrappedLower)];
  if (!isSet(upper) || !isSet(lower)) return null;
  if (upper.kind === "library" && lower.kind === "library") return upper;
  const member = (name: string): Term | null => {
    const has = hasMember(upper, name);
    if (has === false) return shown(select(lower, name, run));
    const found = shown(select(upper, name, run));
    if (has === true) {
      const other = join === undefined || hasMember(lower, name) === false ? null : select(lower, name, run);
      return join === undefined || other === null || found === null ? found : join(other, found);
    }
    if (isLibrary(lower) && isLibraryName(name)) return shown(select(lower, name, run));
    if (found?.kind === "unknown" || hasMember(lower, name) === false) return found;
    return unknown("it depends on a condition");
  };
  const set: OpenSet = {
    member,
    has: (name) => {
      const has = hasMember(upper, name);
      const below = has === true ? true : hasMember(lower, name);
      return below === true || has === false ? below : null;
    },
    whole: () => {
      const [a, b] = [unwrap(lower), unwrap(upper)];
      const all = a.kind === "attrs" && b.kind === "attrs" && join === undefined ? update(a, b, run) : null;
      return all ?? unknown("not all of what the set holds is known");
    },
  };
  if (isLibrary(upper) || isLibrary(lower)) libraries.add(set);
  return { kind: "open", set };
}

function shown(found: Term | null): Term | null {
  return found === null ? null : resolved(found);
}

function isLibrary(term: Term): boolean {
  return term.kind === "library" || (term.kind === "open" && libraries.has(term.set));
}

function isSet({ kind }: Term): boolean {
  return ["attrs", "open", "library", "unknown"].includes(kind);
}
