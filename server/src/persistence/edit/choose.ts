import type { Span } from "../../syntax/span";
import { quote } from "../../syntax/strings";
import type { ListDeclaration, PersistenceModule } from "../model";
import { isBelow, usualSystemPaths } from "../paths";
import { append, type Listed } from "./append";
import { enclosingSet, isComputed, isIdentifier, segmentsIn } from "./bindings";
import { type BodySlot, slotInBody } from "./bodySlot";
import { newBlock } from "./newBlock";
import { elementsOf, sharedDepth, usualDepth } from "./slot";
import {
  byRank,
  canHold,
  countEntries,
  type EditFile,
  type EditHints,
  inScope,
  isCacheLike,
  type Site,
  shortName,
  userOf,
} from "./storages";
import type { Wanted } from "./wanted";

/** Where an entry goes. `name` is what a diagnostic about it points at. */
export type Destination =
  | {
      readonly kind: "literal";
      readonly file: EditFile;
      readonly list: ListDeclaration;
      readonly literal: Span;
      readonly name: Span;
    }
  | { readonly kind: "append"; readonly file: EditFile; readonly list: ListDeclaration; readonly name: Span }
  | {
      readonly kind: "create";
      readonly file: EditFile;
      readonly slot: BodySlot;
      readonly module: PersistenceModule;
      /** Null where even the block is new. */
      readonly name: Span | null;
    };

/** Where a person would write a target: an existing list, else a new list in an existing block, else a new block. */
export function choose(
  files: readonly EditFile[],
  sites: readonly Site[],
  wanted: Wanted,
  hints: EditHints,
): Destination | { readonly reason: string } {
  const lists = listsFor(sites, wanted, hints);
  const literal = bestLiteral(sites, lists, wanted, hints);
  if (literal !== null) return (literal.isStray ? ownPlace(sites, lists, wanted, hints) : null) ?? literal.destination;
  const appended = append(lists);
  if (appended !== null) return appended;
  const unnamed = unnamedUser(sites, wanted, hints);
  if (unnamed !== null) return { reason: unnamed };
  const certain = createList(sites, wanted, hints) ?? newBlock(files, sites, wanted);
  if (!("reason" in certain)) return certain;
  const base = sites.filter(isConditionalBase).map((site) => ({ ...site, usable: true }));
  const underCondition =
    bestLiteral(base, listsIn(base, wanted, hints), wanted, hints)?.destination ?? createList(base, wanted, hints);
  return underCondition === null || "reason" in underCondition ? certain : underCondition;
}

/** A place in the files that are this host's alone; null where they have none. */
function ownPlace(
  sites: readonly Site[],
  lists: readonly Listed[],
  wanted: Wanted,
  hints: EditHints,
): Destination | null {
  const appended = append(lists.filter(({ site }) => !isOthers(site)));
  if (appended !== null) return appended;
  const own = sites.filter((site) => !isOthers(site));
  const created = createList(own, wanted, hints);
  return created === null || "reason" in created ? null : created;
}

/** Whether other hosts get what is written there, too. */
function isOthers({ file }: Site): boolean {
  return (file.alsoOn ?? []).length > 0;
}

/**
 * `config = lib.mkIf cfg.enable { … }` around the host's main block: a person would write there. Not so into the block of a single
 * service's module: what is persisted there would be lost wherever that service is off.
 */
function isConditionalBase({ enabled, block }: Site): boolean {
  const conditional = block.conditional || block.lists.some((list) => list.conditional);
  const paths = block.lists.flatMap((list) => list.entries.flatMap((entry) => entry.path ?? []));
  const usual = usualSystemPaths.some((known) => paths.some((path) => path === known || isBelow(path, known)));
  return conditional && enabled && block.brokenFrom === null && (usual || block.settings.length > 0);
}

/** The lists of the target's scope and kind in usable blocks, unconditional ones only. */
function listsFor(sites: readonly Site[], wanted: Wanted, hints: EditHints): Listed[] {
  return listsIn(sites, wanted, hints).filter(({ list }) => !list.conditional);
}

function listsIn(sites: readonly Site[], wanted: Wanted, hints: EditHints): Listed[] {
  return sites
    .filter((site) => site.usable)
    .flatMap((site) => site.block.lists.map((list) => ({ site, list })))
    .filter(({ list }) => list.list === wanted.list && inScope(list.scope, wanted, hints));
}

/** Among existing lists; it is stray where other hosts get it, too, and nothing there is like it. */
function bestLiteral(
  sites: readonly Site[],
  lists: readonly Listed[],
  wanted: Wanted,
  hints: EditHints,
): { readonly destination: Destination; readonly isStray: boolean } | null {
  const count = countEntries(sites, wanted, hints);
  const ranked = lists.flatMap(({ site, list }) =>
    list.literals.flatMap((literal) => {
      const elements = elementsOf(site.file.text, list, literal);
      if (elements === null) return [];
      const depths = elements.map(({ written }) => (written === null ? 0 : sharedDepth(written, wanted.written)));
      const depth = depths.reduce((most, one) => Math.max(most, one), 0);
      const isStray = isOthers(site) && depth <= usualDepth(wanted.written);
      const rank = [
        site.block.unit === "" ? 1 : 0,
        isStray ? 0 : 1,
        depth,
        isOthers(site) ? 0 : 1,
        isCacheLike(site) ? 0 : 1,
        count(site.storage).own,
        list.entries.length,
        -site.order,
        elements.length,
      ];
      return [{ rank, site, list, literal, isStray }];
    }),
  );
  const [best] = ranked.sort(byRank);
  if (best === undefined) return null;
  const { site, list, literal, isStray } = best;
  return { destination: { kind: "literal", file: site.file, list, literal, name: list.nameSpan }, isStray };
}

/** Lists of a user whom the text does not name might be this user's: then a new list could be the second of its kind. */
function unnamedUser(sites: readonly Site[], wanted: Wanted, hints: EditHints): string | null {
  if (wanted.home === null || (hints.soleUser ?? null) !== null) return null;
  const { user } = wanted.home;
  const named = sites.some((site) => {
    const scopes = site.block.lists.map((list) => (list.scope.kind === "user" ? list.scope.user : null));
    return site.usable && [...scopes, ...site.block.users.map((part) => part.user)].includes(user);
  });
  if (named) return null;
  for (const { file, block, enabled } of sites) {
    if (!enabled) continue;
    const part = block.users.find((candidate) => candidate.user === null);
    if (part !== undefined)
      return `whose paths \`users.${file.text.slice(part.nameSpan.start, part.nameSpan.end)}\` in ${shortName(file)} keeps is not known, so ${user}'s list is not known either`;
    if (
      block.module === "home-manager" &&
      !block.lists.some((list) => list.scope.kind === "user" && list.scope.user !== null)
    )
      return `which user \`home.persistence\` in ${shortName(file)} belongs to is not known, so ${user}'s list is not known either`;
  }
  return null;
}

/** A new list in a block that exists; null where no block could take one. */
function createList(
  sites: readonly Site[],
  wanted: Wanted,
  hints: EditHints,
): Destination | { readonly reason: string } | null {
  const candidates = sites.filter((site) => site.usable && canHold(site.block, wanted, hints));
  const count = countEntries(sites, wanted, hints);
  const ranked = candidates.map((site) => {
    const rank = [
      site.block.unit === "" ? 1 : 0,
      isCacheLike(site) ? 0 : 1,
      count(site.storage).own,
      holdsScope(site, wanted, hints) ? 1 : 0,
      count(site.storage).all,
      site.block.body === null ? 0 : 1,
      entryCount(site),
      -site.order,
    ];
    return { rank, site };
  });
  const holders = sites.filter(({ block }) =>
    block.lists.some((list) => list.list === wanted.list && inScope(list.scope, wanted, hints)),
  );
  const taken = new Set(holders.map(placeKey));
  let reason: string | null = null;
  let tries = 0;
  for (const { site } of ranked.sort(byRank)) {
    if (taken.has(placeKey(site))) {
      reason ??= `\`${wanted.list}\` in ${shortName(site.file)} is computed or stands under a condition, so there is no list to add it to: add it by hand`;
      continue;
    }
    if (++tries > mostTries) break;
    const slot = slotAt(site, wanted, hints);
    if (!("reason" in slot))
      return { kind: "create", file: site.file, slot, module: site.block.module, name: site.block.nameSpan };
    reason ??= `${slot.reason} (${shortName(site.file)})`;
  }
  return reason === null ? null : { reason };
}

/** Each try reads the text around a block anew. A file with more blocks than this that all cannot take a list is no person's. */
const mostTries = 100;

/** Blocks of one storage in one module of one file. */
function placeKey({ order, storage, block }: Site): string {
  return JSON.stringify([order, storage, block.unit]);
}

function entryCount(site: Site): number {
  return site.block.lists.reduce((sum, list) => sum + list.entries.length, 0);
}

function holdsScope({ block }: Site, wanted: Wanted, hints: EditHints): boolean {
  const part = block.users.some((user) => userOf(user.user, hints) === wanted.home?.user);
  return part || block.lists.some((list) => inScope(list.scope, wanted, hints));
}

/** Where in a block's text the list belongs. */
function slotAt({ file, block }: Site, wanted: Wanted, hints: EditHints): BodySlot | { readonly reason: string } {
  const { text } = file;
  const user = block.module === "home-manager" ? null : wanted.home;
  const part = user === null ? undefined : block.users.find((own) => userOf(own.user, hints) === user.user);
  if (part?.body != null) return slotInBody(text, part.body, [wanted.list]);
  // A resolved name is still computed in the text.
  if (part !== undefined && isComputed(text.slice(part.nameSpan.start, part.nameSpan.end)))
    return {
      reason: "the user's name is computed, and Nix does not allow a second binding with it: write it as one `{ … }`",
    };
  const rest = user === null ? [wanted.list] : ["users", userSegment(user.user), wanted.list];
  if (block.body !== null) return slotInBody(text, block.body, rest);
  const name = segmentsIn(text, block.nameSpan);
  const around = enclosingSet(text, block.span);
  if (name === null || around === null) return { reason: "the text around the block is not understood" };
  if (isComputed(name.join(".")))
    return {
      reason:
        "the storage's name is computed, and Nix does not allow a second binding with it: write it as one `{ … }`",
    };
  return slotInBody(text, around, [...name, ...rest]);
}

/** A user's name as a segment of an attribute path. */
export function userSegment(user: string): string {
  return isIdentifier(user) ? user : quote(user);
}
