import type { ListValue } from "../../nix/value";

/** True where all elements of a list are strings that are known, and there are no others. */
export function isWholeList({ elements, unknown }: ListValue): boolean {
  return unknown.length === 0 && elements.every(({ value, conditional }) => value.kind === "string" && !conditional);
}
