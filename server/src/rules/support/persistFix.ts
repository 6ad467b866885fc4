import { persistEdits } from "../../persistence/edit";
import type { PersistTarget } from "../../persistence/target";
import type { Fix, RuleContext } from "../rule";

/** The fix that persists paths where a person would write them, in whatever file of the host that is; none where one of them has no place. */
export function persistFix({ file, host }: RuleContext, targets: readonly PersistTarget[], title: string): Fix[] {
  const { edits, refused } = persistEdits([file, ...host.filter((other) => other !== file)], targets);
  if (edits.size === 0 || refused.length > 0 || [...edits.values()].some((list) => list.length === 0)) return [];
  const others = new Map([...edits].filter(([name]) => name !== file.name));
  return [{ title, edits: edits.get(file.name) ?? [], ...(others.size > 0 ? { others } : {}) }];
}
