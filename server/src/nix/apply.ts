import type { Node } from "../syntax/node";
import { evaluate } from "./evaluate";
import { child, span } from "./nodes";
import { formalsOf, functionScope, type Scope, type Tail } from "./scope";
import { indexOf, select } from "./select";
import {
  affordsText,
  type Call,
  deeper,
  delay,
  excerpt,
  force,
  ready,
  spend,
  type Term,
  type Thunk,
  tooMuch,
  unknown,
} from "./terms";

/** `f a b`: a value, or the body of the function it ends in. */
export function evaluateApply(node: Node, scope: Scope): Term | Tail {
  const given: Thunk[] = [];
  let at: Node | null = node;
  for (; at?.type === "apply_expression"; at = child(at, "function")) {
    const argument = child(at, "argument");
    const argumentSpan = span(argument ?? at);
    given.push(delay(argumentSpan, () => evaluate(argument, scope), argument));
  }
  given.reverse();
  const callee = at;
  const called = delay(span(callee ?? node), () => evaluate(callee, scope));
  const call = { run: scope.run, at: span(node) };
  const last = given.pop();
  const function_ = given.length === 0 ? force(called) : apply(called, given, call);
  if (last === undefined || function_.kind === "unknown") return afterFailure(function_, call);
  if (!spend(call.run, 1)) return tooMuch;
  if (function_.kind !== "lambda") return applyOne(function_, last, call);
  return bodyOf(function_, last) ?? failedCall(call);
}

function failedCall({ run, at }: Call): Term {
  return unknown(`${excerpt(run.source, at)} is not resolved`);
}

function afterFailure(term: Term, call: Call): Term {
  return term.kind === "unknown" && term.lasting === true ? term : failedCall(call);
}

/** The body of a function that is called; null where it refuses the argument. */
function bodyOf({ node, scope }: Extract<Term, { kind: "lambda" }>, argument: Thunk): Tail | null {
  if (!accepts(node, argument, scope)) return null;
  scope.run.world?.called(node.startIndex, scope.run.origin, argument);
  return { node: child(node, "body"), scope: functionScope(scope, node, argument) };
}

/** What a function gives for its arguments, at least one. */
export function apply(called: Thunk, given: readonly Thunk[], call: Call): Term {
  let term = force(called);
  for (const argument of given) {
    if (!spend(call.run, 1)) return tooMuch;
    const next = applyOne(term, argument, call);
    if (next.kind === "unknown") return next;
    term = next;
  }
  return term;
}

function applyOne(term: Term, argument: Thunk, call: Call): Term {
  const { run, at } = call;
  switch (term.kind) {
    case "lambda": {
      const body = bodyOf(term, argument);
      return body === null ? failedCall(call) : deeper(run, () => evaluate(body.node, body.scope), unknown);
    }
    case "builtin": {
      const given = [...term.given, argument];
      if (given.length < term.builtin.arity) return { ...term, given };
      return paid(
        deeper(run, () => term.builtin.run(given, call) ?? failedCall(call), unknown),
        call,
      );
    }
    case "attrs":
    case "open": {
      const functor = select(term, "__functor", run);
      return functor?.kind === "lambda" || functor?.kind === "builtin"
        ? deeper(run, () => apply(ready(functor, at), [ready(term, at), argument], call), unknown)
        : failedCall(call);
    }
    case "unknown":
      return afterFailure(term, call);
    default:
      return failedCall(call);
  }
}

/** Long texts take memory, which is counted as work. */
function paid(term: Term, { run }: Call): Term {
  return term.kind === "string" && !affordsText(run, term.text.length) ? tooMuch : term;
}

/** `{ a, b }:` without `...` refuses a set with other attributes, and none may be missing. */
function accepts(node: Node, argument: Thunk, scope: Scope): boolean {
  const { isSet, names, isOpen } = formalsOf(node, scope.run.source);
  if (!isSet) return true;
  const term = force(argument);
  if (term.kind === "unknown" || term.kind === "open") return true;
  if (term.kind !== "attrs") return false;
  const index = indexOf(term);
  if (term.unknown.length === 0 && !index.has(null))
    for (const [name, otherwise] of names) if (otherwise === null && !index.has(name)) return false;
  if (isOpen) return true;
  for (const name of index.keys()) if (name !== null && !names.has(name)) return false;
  return true;
}
