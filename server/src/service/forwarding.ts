import { span } from "../nix/nodes";
import { rootScope } from "../nix/scope";
import { newRun } from "../nix/terms";
import { walkModule } from "../nix/walk";
import type { Entry, ListDeclaration } from "../persistence/model";
import { type Forwarding, isPersistenceOption, type Reading, readPersistence } from "../persistence/read";
import type { Node, Source } from "../syntax/node";
import { contains, type Span } from "../syntax/span";
import type { HostConfiguration } from "./hostConfiguration";

/** An entry of a host that is written in a file outside any persistence option, with the list it ends up in. */
export interface Brought {
  readonly entry: Entry;
  readonly list: ListDeclaration;
  readonly span: Span;
}

/** The entries of all hosts by the file they are written in. */
export function broughtByFile(hosts: readonly HostConfiguration[]): ReadonlyMap<string, readonly Brought[]> {
  const found = new Map<string, Brought[]>();
  for (const list of hosts.flatMap(({ storages }) => storages.flatMap(({ lists }) => lists))) {
    for (const entry of list.entries) {
      if (entry.origin === undefined) continue;
      const brought = { entry, list, span: entry.origin.span };
      const same = found.get(entry.origin.file);
      if (same === undefined) found.set(entry.origin.file, [brought]);
      else same.push(brought);
    }
  }
  return found;
}

/**
 * The lists of a file that hosts bring into storages: data files, options of the project's own. A list whose elements are changed on
 * the way (prefixed, filtered by name) is left out: what it says is not what is persisted.
 */
export function forwardingsOf(
  root: Node,
  origin: Source,
  brought: readonly Brought[],
  homes: ReadonlyMap<string, string>,
): readonly Forwarding[] {
  const { text: source } = origin;
  const places = brought.map(({ span: place }) => place.start).sort((a, b) => a - b);
  const holding = {
    scope: rootScope(source),
    argumentOf: () => null,
    isWanted: (_trail: string, { startIndex, endIndex }: Node) =>
      (places[indexFrom(places, startIndex)] ?? endIndex) < endIndex,
  };
  const lists: { readonly trail: string; readonly value: Span }[] = [];
  const direct: Span[] = [];
  walkModule(
    root,
    source,
    (site, context) => {
      if (isPersistenceOption([...context, ...site.path])) {
        direct.push(span(site.binding));
        return false;
      }
      lists.push({ trail: site.trail, value: span(site.value) });
      return true;
    },
    holding,
  );
  const found = new Map<string, Forwarding>();
  for (const one of brought.filter(({ span: place }) => !direct.some((binding) => contains(binding, place)))) {
    const holder = lists
      .filter(
        ({ value }) => contains(value, one.span) && (value.start !== one.span.start || value.end !== one.span.end),
      )
      .reduce<(typeof lists)[number] | null>(
        (best, list) => (best === null || contains(best.value, list.value) ? list : best),
        null,
      );
    if (holder === null) continue;
    const known = found.get(holder.trail);
    const { module, storagePath, scope, list } = one.list;
    if (known === undefined) found.set(holder.trail, { trail: holder.trail, module, storagePath, scope, list });
    else if (known.module === module && known.list === list && known.scope.kind === scope.kind)
      found.set(holder.trail, { ...known, ...shared(known, one.list) });
    else found.set(holder.trail, { ...known, storagePath: null, module: known.module, list: known.list, mixed: true });
  }
  const clear = [...found.values()].filter(({ mixed }) => mixed !== true);
  if (clear.length === 0) return clear;
  const around = { scope: rootScope(source, { ...newRun(source), origin }), argumentOf: () => null };
  return faithful(root, source, clear, brought, { around, user: null, isHome: false, homes, storages: new Map() });
}

/** The index of the first of sorted numbers that is not less than `least`. */
function indexFrom(sorted: readonly number[], least: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? least) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What two uses of a list have in common. */
function shared(known: Forwarding, { storagePath, scope }: ListDeclaration): Partial<Forwarding> {
  const sameUser = known.scope.kind === "system" || scope.kind === "system" || known.scope.user === scope.user;
  return {
    storagePath: known.storagePath === storagePath ? storagePath : null,
    scope: sameUser ? known.scope : { kind: "user", user: null },
  };
}

function faithful(
  root: Node,
  source: string,
  forwarded: readonly Forwarding[],
  brought: readonly Brought[],
  reading: Omit<Reading, "forwarded">,
): readonly Forwarding[] {
  const { blocks } = readPersistence(root, source, { ...reading, forwarded });
  const wrong = new Set<string>();
  for (const block of blocks.filter((one) => one.forwarded === true)) {
    const written = new Map(block.lists.flatMap(({ entries }) => entries.map((entry) => [entry.span.start, entry])));
    const changed = brought.some(({ span: place, entry }) => {
      if (!contains(block.span, place)) return false;
      return written.get(place.start)?.written !== entry.written;
    });
    if (changed) wrong.add(`${block.span.start}`);
  }
  if (wrong.size === 0) return forwarded;
  const kept = new Set<string>();
  walkModule(root, source, (site) => {
    if (!wrong.has(`${span(site.binding).start}`)) kept.add(site.trail);
    return true;
  });
  return forwarded.filter(({ trail }) => kept.has(trail));
}
