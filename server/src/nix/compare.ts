import { indexOf, isClosed } from "./select";
import {
  type AttrsTerm,
  force,
  isWhole,
  type ListTerm,
  type PathTerm,
  type Run,
  spend,
  type Term,
  unwrap,
} from "./terms";
import { absolute } from "./text";

/** `a == b`; null where that is not known. */
export function equal(a: Term, b: Term, run: Run): boolean | null {
  if (run.effort.depth > 200 || !spend(run, 1)) return null;
  if (a.kind === "open" && b.kind === "open") {
    if (a.set === b.set) return true;
    if (liesIn(a) !== null && liesIn(b) !== null && liesIn(a) !== liesIn(b)) return false;
  }
  if ((isFolder(a) && isNoSet(b)) || (isFolder(b) && isNoSet(a))) return false;
  if (a.kind === "open" || b.kind === "open") return equal(unwrap(a), unwrap(b), run);
  if (isOpaque(a) || isOpaque(b)) return null;
  if (a.kind === "list" && b.kind === "list") return equalLists(a, b, run);
  if (a.kind === "attrs" && b.kind === "attrs") return equalAttrs(a, b, run);
  if (a.kind === "integer" && b.kind === "integer") return a.value === b.value;
  if (a.kind === "string" && b.kind === "string") return a.text === b.text;
  if (a.kind === "path" && b.kind === "path") return equalPaths(a, b);
  if (a.kind === "bool" && b.kind === "bool") return a.value === b.value;
  return a.kind === b.kind;
}

/** What lies somewhere is a set; an option of nixpkgs of which nothing is known need not be one. */
function isFolder(term: Term): boolean {
  return term.kind === "open" && liesIn(term) !== null;
}

function isNoSet({ kind }: Term): boolean {
  return ["list", "integer", "float", "string", "path", "bool", "null"].includes(kind);
}

/** Where a flake or what is built lies; null where that is not known. */
function liesIn({ set }: Extract<Term, { kind: "open" }>): string | null {
  const path = set.has("outPath") === true ? set.member("outPath") : null;
  return path?.kind === "string" ? path.text : null;
}

/** Relative paths of files that are not known may be the same. */
function equalPaths(a: PathTerm, b: PathTerm): boolean | null {
  const [x, y] = [absolute(a), absolute(b)];
  if (x !== null && y !== null) return x === y;
  return a.text === b.text ? true : null;
}

/** Functions are never equal, floats may be to integers, and nothing is known of the rest. */
function isOpaque({ kind }: Term): boolean {
  return !["list", "attrs", "integer", "string", "path", "bool", "null"].includes(kind);
}

function equalLists(a: ListTerm, b: ListTerm, run: Run): boolean | null {
  if (!isWhole(a) || !isWhole(b)) return null;
  if (a.elements.length !== b.elements.length) return false;
  return every(run, a.elements, (element, index) => {
    const other = b.elements[index];
    return other === undefined ? false : equal(force(element.value), force(other.value), run);
  });
}

function equalAttrs(a: AttrsTerm, b: AttrsTerm, run: Run): boolean | null {
  if (!isClosed(a) || !isClosed(b)) return null;
  const [left, right] = [indexOf(a), indexOf(b)];
  // Two derivations are compared by what they build.
  if (left.has("type") || right.has("type")) return null;
  if (left.size !== right.size || [...left.keys()].some((name) => !right.has(name))) return false;
  return every(run, [...left.keys()], (name) => {
    const [one, other] = [left.get(name) ?? [], right.get(name) ?? []];
    const [first, second] = [one[0], other[0]];
    if (first === undefined || second === undefined || one.length + other.length > 2) return null;
    if (first.path.length + second.path.length > 2) return null;
    return equal(force(first.value), force(second.value), run);
  });
}

function every<T>(run: Run, parts: readonly T[], same: (part: T, index: number) => boolean | null): boolean | null {
  run.effort.depth++;
  let all: boolean | null = true;
  for (const [index, part] of parts.entries()) {
    const one = same(part, index);
    if (one === false) all = false;
    else if (one === null && all) all = null;
    if (all === false) break;
  }
  run.effort.depth--;
  return all;
}

/** Less than zero, zero or more, as Nix orders integers and strings; null for anything else. */
export function compare(a: Term, b: Term): number | null {
  if (a.kind === "integer" && b.kind === "integer") return a.value - b.value;
  if (a.kind === "string" && b.kind === "string") return compareText(a.text, b.text);
  return null;
}

/** Nix compares bytes, which for UTF-8 is the order of code points. */
export function compareText(a: string, b: string): number {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [x, y] = [left.next(), right.next()];
    if (x.done === true || y.done === true) return Number(y.done ?? false) - Number(x.done ?? false);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}
