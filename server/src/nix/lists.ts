import type { Node } from "../syntax/node";
import type { Span } from "../syntax/span";
import { evaluate } from "./evaluate";
import { child, span } from "./nodes";
import { functionScope, type Scope, type Tail } from "./scope";
import {
  type AttrsTerm,
  affords,
  attrs,
  conditional,
  delay,
  type Element,
  elementsOf,
  isDefinition,
  type ListTerm,
  list,
  literalsOf,
  made,
  membersOf,
  type Run,
  ready,
  spend,
  type Term,
  tooMuch,
  unknown,
  unknownPart,
  unwrap,
} from "./terms";
import type { UnknownValue } from "./value";

/** How many conditions that are not known are looked behind at once, and how often behind the same one. */
const maximumUndecided = 8;
const maximumAgain = 3;

/** `[ a b ]` */
export function evaluateList(node: Node, scope: Scope): Term {
  const elements: Element[] = [];
  const unknowns: UnknownValue[] = [];
  for (const element of node.namedChildren) {
    const at = span(element);
    if (element.type === "comment") continue;
    if (element.isError || element.isMissing)
      unknowns.push({ kind: "unknown", reason: "this part is not complete", span: at });
    else
      elements.push({
        value: delay(at, () => evaluate(element, scope), element),
        span: at,
        conditional: false,
        written: !scope.applied,
      });
  }
  if (scope.applied && !spend(scope.run, elements.length)) return tooMuch;
  return { ...list(elements, unknowns), literals: scope.applied ? [] : [span(node)] };
}

/** A term that stands where a list should, with the place it stands at. */
export interface Part {
  readonly term: Term;
  readonly span: Span;
}

/** `a ++ b`: what is known of both; parts that are no lists stay unknown parts. */
export function concatenate(parts: readonly Part[], run: Run): Term {
  const lists = parts.map(partOf);
  const size = lists.reduce((sum, one) => sum + one.elements.length + one.unknown.length, 0);
  if (!affords(run, size)) return tooMuch;
  return {
    kind: "list",
    elements: lists.flatMap(elementsOf),
    literals: lists.flatMap(literalsOf),
    unknown: lists.flatMap((one) => one.unknown),
    shared: false,
  };
}

function partOf({ term: wrapped, span: at }: Part): ListTerm {
  const term = unwrap(wrapped);
  if (term.kind === "list") return term;
  if (term.kind === "absent") return list([]);
  return list([], [unknownPart(term.kind === "unknown" ? term : unknown("this is not a list"), at)]);
}

/** `if c then a else b`; where the condition is not known, the parts of two lists or two sets are there under a condition. */
export function choose(node: Node, scope: Scope): Term | Tail {
  const [yes, no] = [child(node, "consequence"), child(node, "alternative")];
  const condition = evaluate(child(node, "condition"), scope);
  if (condition.kind === "bool") return { node: condition.value ? yes : no, scope };
  const { effort } = scope.run;
  // A function that calls itself under a condition that is not known would never end.
  if (effort.undecided.filter((one) => one === node).length >= maximumAgain) return { ...onCondition, again: true };
  if (effort.undecided.length >= maximumUndecided) return onCondition;
  effort.undecided.push(node);
  const branches = [evaluate(yes, scope), evaluate(no, scope)];
  const joined = foreignOf(branches) ?? either(branches.map(unwrap), node, scope);
  effort.undecided.pop();
  if (!branches.some(isDefinition)) return joined;
  // Priorities count in the branch they are in.
  const at = span(node);
  const from = ready(list(branches.map((branch) => made(branch, at, true))), at);
  return { kind: "merge", from, settled: ready(joined, at), run: scope.run };
}

const onCondition = unknown("it depends on a condition");

/** What branches give that have nothing but what another repository has, or what the same condition gives once more; null for others. */
function foreignOf(branches: readonly Term[]): Term | null {
  const others = branches.filter((branch) => !(branch.kind === "unknown" && branch.again === true));
  const all = others.every((branch) => isForeign(branch) || givesForeign(branch));
  return all && others.length > 0 ? { ...onCondition, lasting: true, foreign: true } : null;
}

function isForeign(term: Term): boolean {
  return term.kind === "unknown" && term.foreign === true;
}

/**
 * Whether a function gives nothing but what another repository has, whatever it is called with: a wrapper around a module. It is looked into
 * and not called: what functions are called with is remembered.
 */
function givesForeign(term: Term): boolean {
  return (
    term.kind === "lambda" && isForeign(evaluate(child(term.node, "body"), functionScope(term.scope, term.node, null)))
  );
}

/** What two branches of which one is taken have in common. */
function either([first, second]: readonly Term[], node: Node, scope: Scope): Term {
  if (first === undefined || second === undefined) return onCondition;
  if (first.kind === "list" && second.kind === "list") {
    const parts = [first, second].map((term) => ({ term: conditional(term), span: span(node) }));
    return concatenate(parts, scope.run);
  }
  const sets = [first, second].map(conditional).flatMap((term) => (term.kind === "attrs" ? [term] : []));
  return sets.length === 2 ? sideBySide(sets, [], scope.run) : onCondition;
}

/** All that several sets hold, the same name as often as they have it. */
export function sideBySide(sets: readonly AttrsTerm[], unknowns: readonly UnknownValue[], run: Run): Term {
  if (
    !affords(
      run,
      sets.reduce((sum, set) => sum + set.members.length + set.unknown.length, 0),
    )
  )
    return tooMuch;
  const parts = [...sets.flatMap((set) => set.unknown), ...unknowns];
  return { ...attrs(sets.flatMap(membersOf), parts), literals: sets.flatMap(literalsOf) };
}
