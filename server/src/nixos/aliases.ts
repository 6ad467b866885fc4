import type { Place } from "../nix/nodes";
import { ready, type Term, type Thunk, unknown } from "../nix/terms";
import type { Definition } from "./definitions";
import { Parts } from "./parts";

/** An option that is another name of one: `mkAliasOptionModule from to`. */
export interface Alias {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A definition with its conditions and priority around it again. */
export function rewrapped({ value, conditions, conditional, priority, order }: Definition): Term {
  const { span } = value;
  let term: Term = { kind: "marked", priority, order, value };
  if (conditional) term = { kind: "maybe", value: term };
  for (const condition of conditions)
    term = { kind: "when", condition, value: ready(term, span), settled: ready(unknown("it is a definition"), span) };
  return term;
}

/** What is set under the old name is set under the new one. */
export function aliased(written: Parts, { from, to }: Alias, at: Place): Definition[] {
  let found = written;
  for (const name of from) found = new Parts(found.below(name));
  return found.plain().known.map((one) => {
    const value = to.reduceRight<Thunk>(
      (inner, name) => ready({ kind: "attrs", members: [aliasMember(name, inner)], ...bareSet }, at),
      one.value,
    );
    return { ...one, value };
  });
}

const bareSet = { recursive: false, literals: [], unknown: [], shared: true } as const;

function aliasMember(name: string, value: Thunk) {
  const { span } = value;
  return { path: [{ name, span, quoted: false }], value, span, conditional: false, shared: true };
}
