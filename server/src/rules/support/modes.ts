import type { RuleContext } from "../rule";
import type { Declared } from "./declared";
import { entrySets } from "./options";

/** Whether an entry surely says nothing about an option: neither sets it, nor has parts that are not understood. */
export function lacks({ entry, block }: Declared, option: string): boolean {
  if (entry.settings.some(({ name }) => name.name === null || name.name === option)) return false;
  if (entry.form === "string") return true;
  // A set that is not written in the list itself may be made of more than is seen.
  const set = entrySets(block).find(({ value }) => value.span.start === entry.span.start);
  return set !== undefined && set.value.unknown.length === 0;
}

/** Whether a path surely gets the module's usual mode: it states none, and nothing on the host sets another default (`defaultPerms`). */
export function hasUsualMode({ host }: RuleContext, declared: Declared): boolean {
  return (
    lacks(declared, "mode") &&
    lacks(declared, "defaultPerms") &&
    !host.some(({ text }) => text.includes("defaultPerms"))
  );
}
