import type { Node } from "../syntax/node";
import { evaluate } from "./evaluate";
import { libraryMember } from "./library";
import { child, plainNames, span, textOfName } from "./nodes";
import { lookUp, type Scope } from "./scope";
import {
  type AttrsTerm,
  affords,
  attrs,
  bool,
  delay,
  excerpt,
  force,
  forceRaw,
  isDefinition,
  type Member,
  membersOf,
  type Run,
  resolved,
  settled,
  shared,
  spend,
  type Term,
  type Thunk,
  tooMuch,
  unknown,
  unresolved,
  unwrap,
} from "./terms";
import { nameOf } from "./text";
import { usedElsewhere } from "./uses";

/** What has no attributes: to ask for one with `or` gives what stands there. */
const noSets: ReadonlySet<Term["kind"]> = new Set(["string", "path", "integer", "float", "bool", "null", "list"]);

const indexes = new WeakMap<readonly Member[], ReadonlyMap<string | null, readonly Member[]>>();

/** Members by the first name of their paths; null for the names that are not known. */
export function indexOf(term: AttrsTerm): ReadonlyMap<string | null, readonly Member[]> {
  let index = indexes.get(term.members);
  if (index === undefined) {
    const names = new Map<string | null, Member[]>();
    for (const member of term.members) {
      const name = member.path[0]?.name ?? null;
      const same = names.get(name);
      if (same === undefined) names.set(name, [member]);
      else same.push(member);
    }
    indexes.set(term.members, names);
    index = names;
  }
  return index;
}

/** Sets with more members than these are looked up in an index. */
const fewMembers = 12;

/** The members of a name, and whether there are some whose names are not known. */
export function named(
  term: AttrsTerm,
  name: string,
): { readonly members: readonly Member[]; readonly isOpen: boolean } {
  if (term.members.length > fewMembers) {
    const index = indexOf(term);
    return { members: index.get(name) ?? [], isOpen: index.has(null) };
  }
  const members: Member[] = [];
  let isOpen = false;
  for (const member of term.members) {
    const first = member.path[0]?.name ?? null;
    if (first === name) members.push(member);
    else if (first === null) isOpen = true;
  }
  return { members, isOpen };
}

/** True when all that the set holds is known by name and there for sure. */
export function isClosed(term: AttrsTerm): boolean {
  return (
    term.unknown.length === 0 && term.members.every(({ path, conditional }) => path[0]?.name != null && !conditional)
  );
}

/** The attribute `name`; null where the set surely has none. */
export function select(from: Term, name: string, run: Run): Term | null {
  const term = settled(from);
  if (term.kind === "library") return libraryMember(term, name);
  if (term.kind === "open") return term.set.member(name);
  if (term.kind === "unknown") {
    // A set of arguments that has a `lib` has nixpkgs'.
    if (term.argument === true && name === "lib") return { kind: "library", builtins: false };
    return term.lasting === true ? term : unknown(`\`${name}\` is not resolved`);
  }
  if (term.kind !== "attrs") return unknown(`\`${name}\` is not resolved`);
  const { members, isOpen } = named(term, name);
  if (members.length === 0) return term.unknown.length > 0 || isOpen ? unknown(`\`${name}\` is not resolved`) : null;
  if (isOpen || members.some((one) => one.conditional)) return unknown("it depends on a condition");
  const found = forceRaw(mergeMembers(members, run));
  return term.shared || members.some((one) => one.shared) ? shared(found) : found;
}

/** The value that all bindings of one name make together: `a.b = 1; a = { c = 2; };` is one set. */
export function mergeMembers(members: readonly Member[], run: Run): Thunk {
  const [first] = members;
  const at = first?.span ?? { start: 0, end: 0 };
  if (first !== undefined && members.length === 1 && first.path.length === 1) return first.value;
  return delay(at, () => {
    if (!spend(run, members.length)) return tooMuch;
    const parts: Member[] = [];
    const unknowns = [];
    let recursive = false;
    for (const one of members) {
      if (one.path.length > 1) parts.push({ ...one, path: one.path.slice(1) });
      else {
        const term = force(one.value);
        if (term.kind !== "attrs") return term.kind === "unknown" ? term : unknown("it is given more than once");
        recursive ||= term.recursive;
        if (!affords(run, term.members.length + term.unknown.length)) return tooMuch;
        for (const part of membersOf(term)) parts.push(part);
        for (const part of term.unknown) unknowns.push(part);
      }
    }
    return { ...attrs(parts, unknowns), recursive };
  });
}

/** `from.a.b`; null where the last set surely has no such attribute. A name that is used for nothing else shares nothing. */
export function selectPath(from: Node | null, names: readonly (string | null)[], scope: Scope): Term | null {
  const { source } = scope.run;
  const named = from?.type === "variable_expression" ? textOfName(from, source) : null;
  let term = named === null ? evaluate(from, scope) : lookUp(scope, named);
  for (const [index, name] of names.entries()) {
    if (noSets.has(term.kind)) return null;
    if (name === null) return anyOf(term);
    const next = select(term, name, scope.run);
    if (next === null)
      return index === names.length - 1 || term.kind === "attrs" || term.kind === "open"
        ? null
        : unknown("it is not a set");
    term = next;
  }
  return named === null ? resolved(term) : sharedByName(term, scope, named, names);
}

/** Some attribute of a set; which one does not matter where nothing is known of any. */
function anyOf(term: Term): Term {
  const all = unwrap(term);
  return all.kind === "unknown" && all.lasting === true ? all : unknown("the name of the attribute is computed");
}

/** What a name led to, in a form that tells whether it leads anywhere else. */
export function sharedByName(term: Term, scope: Scope, name: string, path: readonly (string | null)[]): Term {
  const matters = term.kind === "list" || term.kind === "attrs" || term.kind === "maybe" || isDefinition(term);
  return matters && usedElsewhere(scope, name, path) ? shared(term) : resolved(term);
}

const packagesLibrary = /^(?:[\w'-]+\.)*(?:pkgs|nixpkgs[\w-]*)\.lib$/;

/** `e.a.b` and `e.a.b or d`. */
export function evaluateSelect(node: Node, scope: Scope): Term {
  const { source } = scope.run;
  const names = namesIn(child(node, "attrpath"), scope);
  const found = selectPath(child(node, "expression"), names, scope);
  const otherwise = child(node, "default");
  if (found === null)
    return otherwise === null ? unknown(`${excerpt(source, span(node))} is not there`) : evaluate(otherwise, scope);
  if (found.kind !== "unknown") return found;
  return fromPackages(node, scope) ?? (found.lasting === true ? found : unresolved(source, span(node)));
}

/** `pkgs.lib.x`, `inputs.nixpkgs.lib.x`: the library by its longer names. */
function fromPackages(node: Node, { run }: Scope): Term | null {
  const written = run.source.slice(node.startIndex, node.endIndex).split(".");
  const at = written.indexOf("lib") + 1;
  if (at === 0 || written.length > 8 || !packagesLibrary.test(written.slice(0, at).join("."))) return null;
  let term: Term = { kind: "library", builtins: false };
  for (const name of written.slice(at)) {
    const next = select(term, name, run);
    if (next === null || next.kind === "unknown") return null;
    term = next;
  }
  return term;
}

/** `e ? a.b` */
export function evaluateHasAttr(node: Node, scope: Scope): Term {
  let term = evaluate(child(node, "expression"), scope);
  for (const name of namesIn(child(node, "attrpath"), scope)) {
    if (name === null) return unresolved(scope.run.source, span(node));
    if (noSets.has(term.kind)) return bool(false);
    const next = term.kind === "attrs" || term.kind === "open" ? select(term, name, scope.run) : unknown("");
    if (next === null) return bool(false);
    if (term.kind === "open") {
      const has = term.set.has(name);
      if (has === null) return unresolved(scope.run.source, span(node));
      if (!has) return bool(false);
      term = next;
      continue;
    }
    const members = term.kind === "attrs" ? indexOf(term).get(name) : undefined;
    if (members === undefined || members.some((one) => one.conditional))
      return unresolved(scope.run.source, span(node));
    term = next;
  }
  return bool(true);
}

function namesIn(path: Node | null, scope: Scope): readonly (string | null)[] {
  if (path === null) return [];
  const plain = plainNames(path, scope.run.source);
  if (plain !== null) return plain;
  return path.namedChildren.filter((part) => part.type !== "comment").map((part) => nameOf(part, scope));
}
