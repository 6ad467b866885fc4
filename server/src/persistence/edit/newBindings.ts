import type { PersistenceModule } from "../model";
import type { BodySlot } from "./bodySlot";
import { newList } from "./newList";
import type { Style } from "./style";
import type { Wanted } from "./wanted";

/** One list to create, with its entries. */
export interface NewList {
  readonly slot: BodySlot;
  readonly module: PersistenceModule;
  readonly wanted: readonly Wanted[];
}

/** The bindings for lists that go to one place, with what their paths share written once. First lines are not indented. */
export function newBindings(lists: readonly NewList[], style: Style, indent: string): string[] {
  const leaves = lists.map(({ slot, module, wanted }) => {
    return { path: slot.dotted ? [slot.path.join(".")] : slot.path, module, wanted };
  });
  return render(leaves, style, indent);
}

interface Leaf {
  readonly path: readonly string[];
  readonly module: PersistenceModule;
  readonly wanted: readonly Wanted[];
}

function render(leaves: readonly Leaf[], style: Style, indent: string): string[] {
  const heads = [...new Set(leaves.map((leaf) => leaf.path[0] ?? ""))].sort(listsFirst);
  return heads.map((head) => {
    const own = leaves.filter((leaf) => leaf.path[0] === head);
    const [only] = own;
    if (only?.path.length === 1) return `${head} = ${newList(only.wanted, only.module, style, `${head} = `, indent)};`;
    const shared = sharedHead(own);
    const inner = indent + style.unit;
    const rest = own.map((leaf) => ({ ...leaf, path: leaf.path.slice(shared.length) }));
    const lines = render(rest, style, inner).map((line) => inner + line);
    return [`${shared.join(".")} = {`, ...lines, `${indent}};`].join(style.eol);
  });
}

/** Directories before files before all else. */
function listsFirst(a: string, b: string): number {
  const rank = (name: string) => (name.endsWith("directories") ? 0 : name.endsWith("files") ? 1 : 2);
  return rank(a) - rank(b);
}

/** The longest head all paths share, short of the list's own name. */
function sharedHead(leaves: readonly Leaf[]): readonly string[] {
  const shortest = Math.min(...leaves.map((leaf) => leaf.path.length)) - 1;
  const [first] = leaves;
  let length = 1;
  while (length < shortest && leaves.every((leaf) => leaf.path[length] === first?.path[length])) length++;
  return first?.path.slice(0, length) ?? [];
}
