import type { OptionFact } from "../../persistence/model";
import type { SourceFile } from "../rule";
import { prioritiesIn } from "./declared";

/** One place of a host that sets an option. */
export interface Definition {
  readonly file: SourceFile;
  readonly fact: OptionFact;
}

/**
 * What the files of a host set for an option. `value`: the definitions that win, which is one but for lists, lines and equal values.
 * `unset`: no file that is known sets it; another may where `context.hostIsWhole` is false. `unknown`: nothing may be concluded.
 */
export type Answer =
  | {
      readonly kind: "value";
      readonly value: OptionFact["value"];
      readonly definitions: readonly [Definition, ...Definition[]];
    }
  | { readonly kind: "unset" }
  | { readonly kind: "unknown"; readonly reason: string };

/** Asks for one of the system's options, by its segments: `optionOn(context.host, ["boot", "initrd", "systemd", "enable"])`. */
export function optionOn(host: readonly SourceFile[], path: readonly string[]): Answer {
  const definitions = definitionsAt(host, path);
  if (host.some(({ persistence }) => !persistence.optionsWhole)) return unknown("a file sets too many options");
  if (definitions.length === 0) return { kind: "unset" };
  const below = definitions.find(({ fact }) => fact.path.length > path.length);
  if (below !== undefined) return unknown("it is a set of options");
  const winning = winners(definitions);
  if (!winning.every(isSure)) return unknown("it may be set under a condition or by another module");
  const [first, ...rest] = winning;
  if (first === undefined) return unknown("it may be set under a condition");
  // `users.users = f x;`: what it sets in there is not known.
  const part = winning.find(({ fact }) => fact.path.length < path.length || fact.value.kind === "unknown");
  if (part !== undefined)
    return unknown(part.fact.value.kind === "unknown" ? part.fact.value.reason : "a part of it is not known");
  const { value } = first.fact;
  const merges = value.kind === "list" || (value.kind === "string" && rest.length > 0);
  if (!merges && rest.some(({ fact }) => !isSame(fact.value, value))) return unknown("files disagree about it");
  return { kind: "value", value, definitions: [first, ...rest] };
}

/** Whether an option is `true` or `false` on the host; null where that is not known or no file sets it. */
export function isOn(host: readonly SourceFile[], path: readonly string[]): boolean | null {
  const answer = optionOn(host, path);
  return answer.kind === "value" && answer.value.kind === "bool" ? answer.value.value : null;
}

/** Every place that sets one of the system's options, a part of it, or maybe a set it lies in, in the files' order. */
export function definitionsAt(host: readonly SourceFile[], path: readonly string[]): Definition[] {
  return host.flatMap((file) => {
    const { byHead, computed } = indexOf(file);
    const candidates = [...(byHead.get(path[0] ?? "") ?? []), ...computed];
    return candidates.filter((fact) => mayMeet(fact.path, path)).map((fact) => ({ file, fact }));
  });
}

function mayMeet(one: readonly (string | null)[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) if (one[index] !== null && one[index] !== other[index]) return false;
  return true;
}

/** Those of the strongest priority that is set for sure, and those of a doubtful one. */
function winners(definitions: readonly Definition[]): readonly Definition[] {
  const strength = { force: 2, normal: 1, default: 0, other: 3 } as const;
  const sure = definitions.filter(isSure);
  const strongest = Math.max(-1, ...new Set(sure.map(({ fact }) => strength[fact.priority])));
  return definitions.filter(({ fact }) => strength[fact.priority] >= strongest);
}

/** Whether it is known that the definition takes part, and with which priority. */
export function isSure({ file, fact }: Definition): boolean {
  if (!fact.certain || fact.priority === "other" || fact.path.includes(null)) return false;
  return file.persistence.syntaxError === null && prioritiesIn(file)(fact.span) === "";
}

function isSame(one: OptionFact["value"], other: OptionFact["value"]): boolean {
  if (one.kind === "bool") return other.kind === "bool" && one.value === other.value;
  return "text" in one && "text" in other && one.kind === other.kind && one.text === other.text;
}

function unknown(reason: string): Answer {
  return { kind: "unknown", reason };
}

interface Index {
  readonly byHead: ReadonlyMap<string, readonly OptionFact[]>;
  /** Those whose first segment is computed. */
  readonly computed: readonly OptionFact[];
}

const indexes = new WeakMap<readonly OptionFact[], Index>();

/** The system's options of a file by their first segment; kept, since every rule asks. */
function indexOf({ persistence }: SourceFile): Index {
  const known = indexes.get(persistence.options);
  if (known !== undefined) return known;
  const byHead = new Map<string, OptionFact[]>();
  const computed: OptionFact[] = [];
  for (const fact of persistence.options) {
    const head = fact.path[0];
    if (fact.scope.kind !== "system" || head === undefined) continue;
    if (head === null) computed.push(fact);
    else if (!byHead.get(head)?.push(fact)) byHead.set(head, [fact]);
  }
  const index = { byHead, computed };
  indexes.set(persistence.options, index);
  return index;
}
