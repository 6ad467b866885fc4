import type { Span, TextEdit } from "../syntax/span";
import { choose } from "./edit/choose";
import { type Chosen, drawEdits } from "./edit/draw";
import { conflictReason, existingOf } from "./edit/existing";
import { type EditFile, type EditHints, sitesOf } from "./edit/storages";
import { impossibleReason, wantedOf } from "./edit/wanted";
import type { PersistTarget } from "./target";

export type { EditFile, EditHints } from "./edit/storages";

export interface PersistEdits {
  /** By file name: edits that do not overlap, in the order of the text. Files without edits are absent. */
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>;
  /** Targets that are not written, and why: a clause that completes "… is not persisted: ". */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * The edits that persist all targets, each where a person would write it: among its like, in the manner of the file.
 * `files` are those of one host, the preferred one first. A target below another one, or given twice, is written once.
 */
export function persistEdits(
  files: readonly EditFile[],
  targets: readonly PersistTarget[],
  hints: EditHints = {},
): PersistEdits {
  const sites = sitesOf(files, hints);
  const existing = existingOf(sites, homesOf(targets), hints);
  const refused: { path: string; reason: string }[] = [];
  const chosen = new Map<string, Chosen & { readonly order: number }>();
  // Parents first, so that what lies below them needs no entry of its own.
  const ordered = targets.map((target, order) => ({ wanted: wantedOf(target), order }));
  ordered.sort((a, b) => a.wanted.path.length - b.wanted.path.length || a.order - b.order);
  for (const { wanted, order } of ordered) {
    const { path, target } = wanted;
    const same = chosen.get(path);
    if (same?.wanted.list === wanted.list) continue;
    if (parentsOf(path).some((parent) => chosen.get(parent)?.wanted.list === "directories")) continue;
    const taken = same === undefined ? null : `it is being added as a ${same.wanted.target.kind} already`;
    const reason = impossibleReason(wanted) ?? conflictReason(existing, wanted) ?? taken;
    const destination = reason === null ? choose(files, sites, wanted, hints) : { reason };
    if ("reason" in destination) refused.push({ path: target.path, reason: destination.reason });
    else chosen.set(path, { order, wanted, destination });
  }
  const all = [...chosen.values()].sort((a, b) => a.order - b.order);
  const edits = new Map<string, readonly TextEdit[]>();
  for (const file of files) {
    const own = all.filter((one) => one.destination.file === file);
    if (own.length > 0) edits.set(file.name, drawEdits(file, own));
  }
  return { edits, refused };
}

/** The list (the name in `directories = …`), else the block, a target would go to; null where it can go nowhere or all of it is new. */
export function placeOf(
  files: readonly EditFile[],
  target: PersistTarget,
  hints: EditHints = {},
): { readonly name: string; readonly span: Span } | null {
  const wanted = wantedOf(target);
  if (impossibleReason(wanted) !== null) return null;
  const destination = choose(files, sitesOf(files, hints), wanted, hints);
  if ("reason" in destination || destination.name === null) return null;
  return { name: destination.file.name, span: destination.name };
}

/** The directories above a normalised path, without `/`. */
function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let at = path.indexOf("/", 1); at !== -1; at = path.indexOf("/", at + 1)) parents.push(path.slice(0, at));
  return parents;
}

function homesOf(targets: readonly PersistTarget[]): ReadonlyMap<string, string> {
  return new Map(targets.flatMap(({ homeOf }) => (homeOf === null ? [] : [[homeOf.user, homeOf.home] as const])));
}
