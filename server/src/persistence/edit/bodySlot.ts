import type { Span } from "../../syntax/span";
import { bindingsOf, bracesOf, isComputed, nameOf, type TextBinding } from "./bindings";

/** Where a new binding goes: into which set, behind which of its bindings, and what of its path is still to be written there. */
export interface BodySlot {
  readonly braces: Span;
  readonly bindings: readonly TextBinding[];
  /** Index of the binding it goes behind; -1 for the beginning of the set. */
  readonly after: number;
  readonly path: readonly string[];
  /** True where a neighbour spells its whole path with dots, so that the new binding should too. */
  readonly dotted: boolean;
}

/**
 * Finds the place for the binding `path` (segments as Nix text, at least one) in the set at `body`: in a nested set that is written already,
 * else behind its nearest relative. When the place is taken or computed, the reason instead.
 */
export function slotInBody(text: string, body: Span, path: readonly string[]): BodySlot | { readonly reason: string } {
  const braces = bracesOf(text, body);
  const bindings = braces === null ? null : bindingsOf(text, braces);
  if (braces === null || bindings === null) return { reason: "the text around the place is not understood" };
  const full = path.map(nameOf);
  const nearest = { index: -1, shared: 0 };
  for (const [index, binding] of bindings.entries()) {
    if (binding.inherited.some((name) => nameOf(name) === full[0]))
      return { reason: `\`${path[0]}\` is inherited there, and its value is not known` };
    const shared = sharedSegments(binding, full);
    if (shared > 0 && shared === binding.path?.length && binding.set === null)
      return { reason: `\`${binding.path.join(".")}\` is computed there, so nothing can be added to it` };
    if (shared > 0 && shared >= nearest.shared) Object.assign(nearest, { index, shared });
  }
  const relative = bindings[nearest.index];
  if (relative?.path?.length === nearest.shared && relative.set !== null) {
    const rest = path.slice(nearest.shared);
    if (rest.length === 0) return { reason: `\`${path.join(".")}\` is there already` };
    return slotInBody(text, relative.set, rest);
  }
  // Nix does not join `a.${x}.b` and `a.${x}.c`: a computed name can be written only once in a set.
  const computed = path.slice(0, nearest.shared).find(isComputed);
  if (computed !== undefined)
    return {
      reason: `\`${computed}\` is computed, and Nix does not allow a second binding with it: write it as one \`{ … }\``,
    };
  if (relative !== undefined) {
    const dotted = nearest.shared === path.length - 1;
    return { braces, bindings, after: nearest.index, path, dotted };
  }
  return { braces, bindings, after: lastPlace(bindings, path), path, dotted: false };
}

function sharedSegments(binding: TextBinding, path: readonly string[]): number {
  let shared = 0;
  while (
    shared < path.length &&
    binding.path?.[shared] !== undefined &&
    nameOf(binding.path[shared] ?? "") === path[shared]
  )
    shared++;
  return shared;
}

/** A list goes behind the other list, else before `users`; anything else goes to the end. */
function lastPlace(bindings: readonly TextBinding[], path: readonly string[]): number {
  const [name] = path;
  const end = bindings.length - 1;
  if (path.length > 1 || (name !== "directories" && name !== "files")) return end;
  const other = bindings.findIndex((binding) => {
    const [first, second] = binding.path ?? binding.inherited;
    return second === undefined && (first === "directories" || first === "files");
  });
  if (other !== -1) return other;
  const users = bindings.findIndex((binding) => nameOf(binding.path?.[0] ?? "") === "users");
  return users === -1 ? end : users - 1;
}
