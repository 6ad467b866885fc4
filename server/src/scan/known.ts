import type { NodeId, ScanTree } from "../hosts/model";
import { type Advice, adviceBelow, lookup } from "../knowledge/advice";
import { joinPath } from "./find";
import type { Home } from "./homes";

const order = ["required", "recommended", "optional", "never"];

/** The outermost paths of the catalog that a folder holds. Looks only where the catalog has something. */
export function knownInside(
  tree: ScanTree,
  folder: NodeId,
  path: string,
  home: Home | null,
): { readonly node: NodeId; readonly advice: Advice }[] {
  if (!adviceBelow(path, home?.path ?? null)) return [];
  const found: { node: NodeId; advice: Advice }[] = [];
  for (const node of tree.children(folder)) {
    const childPath = joinPath(path, tree.name(node));
    const advice = lookup(childPath, home?.path ?? null);
    if (advice?.exact) found.push({ node, advice });
    else if (tree.type(node) === "directory") found.push(...knownInside(tree, node, childPath, home));
  }
  return found;
}

/** The advice that asks most strongly to persist. */
export function strongest(advices: readonly Advice[]): Advice | null {
  return [...advices].sort((a, b) => order.indexOf(a.persist) - order.indexOf(b.persist))[0] ?? null;
}
