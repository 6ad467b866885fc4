import type { Node } from "../syntax/node";
import { evaluate } from "./evaluate";
import { attrPath, child, span } from "./nodes";
import { lookUp, recursiveScope, type Scope } from "./scope";
import { mergeMembers, selectPath, sharedByName } from "./select";
import {
  type AttrsTerm,
  affords,
  attrs,
  delay,
  type Member,
  membersOf,
  type Run,
  resolved,
  spend,
  type Term,
  type Thunk,
  tooMuch,
  type UnknownTerm,
  unknown,
} from "./terms";
import { nameOf } from "./text";
import type { AttrName, UnknownValue } from "./value";

/** Finds the value that a `let` or a `rec { … }` binds to a name; null where it binds none. */
export type Names = (name: string) => Thunk | null;

/** The names bound in `node`; what they are bound to sees `inner`. */
export function namesOf(node: Node, outer: Scope, inner: Scope): Names {
  const byName = new Map<string, Member[]>();
  for (const member of membersIn(node, outer, inner).members) {
    const name = member.path[0]?.name;
    if (name == null) continue;
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [member]);
    else same.push(member);
  }
  const found = new Map<string, Thunk>();
  return (name) => {
    const members = byName.get(name);
    if (members === undefined) return null;
    let thunk = found.get(name);
    if (thunk === undefined) {
      thunk = mergeMembers(members, inner.run);
      found.set(name, thunk);
    }
    return thunk;
  };
}

/** The set a `{ … }` or `rec { … }` writes. */
export function attrsOf(node: Node, scope: Scope): Term {
  const recursive = node.type !== "attrset_expression";
  const inner = recursive ? recursiveScope(scope, node) : scope;
  const { members, unknown: parts } = membersIn(node, scope, inner);
  if (scope.applied && !spend(scope.run, members.length)) return tooMuch;
  const literals = scope.applied ? [] : [span(node)];
  return { ...attrs(members, parts), recursive, literals, shared: scope.applied };
}

function membersIn(node: Node, outer: Scope, inner: Scope): Pick<AttrsTerm, "members" | "unknown"> {
  const members: Member[] = [];
  const unknowns: UnknownValue[] = [];
  const incomplete = (at: Node) =>
    unknowns.push({ kind: "unknown", reason: "this part is not complete", span: span(at) });
  for (const part of node.namedChildren) {
    if (part.isError) incomplete(part);
    if (part.type !== "binding_set") continue;
    for (const binding of part.namedChildren) {
      if (binding.type === "binding") members.push(bindingOf(binding, inner));
      else if (binding.type === "inherit") for (const one of inheritedBy(binding, outer)) members.push(one);
      else if (binding.type === "inherit_from") for (const one of inheritedFrom(binding, inner)) members.push(one);
      else if (binding.isError) incomplete(binding);
    }
  }
  return { members, unknown: unknowns };
}

function bindingOf(binding: Node, scope: Scope): Member {
  const value = child(binding, "expression");
  const path = attrPath(child(binding, "attrpath"), scope.run.source, (part) => nameOf(part, scope));
  const at = span(value ?? binding);
  const thunk = delay(at, () => evaluate(value, scope), value);
  return { path, value: thunk, span: span(binding), conditional: false, shared: false };
}

/** `inherit a b;` */
function inheritedBy(binding: Node, scope: Scope): Member[] {
  return inherited(binding, scope, (name) => sharedByName(lookUp(scope, name), scope, name, []));
}

/** `inherit (e) a b;` */
function inheritedFrom(binding: Node, scope: Scope): Member[] {
  const from = child(binding, "expression");
  return inherited(binding, scope, (name) => selectPath(from, [name], scope) ?? unknown(`\`${name}\` is not there`));
}

function inherited(binding: Node, scope: Scope, find: (name: string) => Term): Member[] {
  const names = attrPath(child(binding, "attrs"), scope.run.source, (part) => nameOf(part, scope));
  return names.map((name) => {
    const value = delay(name.span, () => inheritedTerm(name, name.name === null ? null : find(name.name)));
    return { path: [name], value, span: span(binding), conditional: false, shared: false };
  });
}

function inheritedTerm(name: AttrName, term: Term | null): Term {
  if (term === null || (term.kind === "unknown" && term.lasting !== true))
    return unknown(`\`${name.name ?? "…"}\` is inherited and not resolved`);
  return resolved(term);
}

/** `a // b`: what `b` sets wins. */
export function update(left: AttrsTerm, right: AttrsTerm, run: Run): AttrsTerm | UnknownTerm {
  const size = left.members.length + left.unknown.length + right.members.length + right.unknown.length;
  if (!affords(run, size)) return tooMuch;
  const sure = new Set<string>();
  const perhaps = new Set<string>();
  let open = right.unknown.length > 0;
  for (const { path, conditional } of right.members) {
    const name = path[0]?.name ?? null;
    if (name === null) open = true;
    else (conditional ? perhaps : sure).add(name);
  }
  const kept = membersOf(left).flatMap((one) => {
    const name = one.path[0]?.name ?? null;
    if (name !== null && sure.has(name)) return [];
    const doubtful = open || name === null || perhaps.has(name);
    return [doubtful ? { ...one, conditional: true } : one];
  });
  return attrs([...kept, ...membersOf(right)], [...left.unknown, ...right.unknown]);
}
