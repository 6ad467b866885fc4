import type { Difference } from "../evaluation/compare";
import type { NixPlace } from "../evaluation/model";
import type { Span } from "../syntax/span";
import { visible } from "../syntax/visible";
import type { StoragePlace } from "./declared";
import type { FileFinding } from "./findings";

/** Paths named in one message. */
const maximumNamed = 8;

/** Differences between a host's text and Nix, as findings of one of its files: each at its entry, what only Nix has once for a storage. */
export function evaluationFindings(
  host: string,
  differences: readonly Difference[],
  places: readonly StoragePlace[],
  name: string,
): FileFinding[] {
  const own = differences.flatMap(({ declared, reason }) =>
    declared?.file === name ? [finding(declared.span, reason)] : [],
  );
  const groups = new Map<string, { place: StoragePlace; differences: Difference[] }>();
  for (const difference of differences) {
    const place = difference.kind === "only-nix" ? placeFor(difference, places) : null;
    if (place?.file !== name) continue;
    const key = `${place.span.start}:${difference.evaluated?.storagePath}`;
    const group = groups.get(key) ?? { place, differences: [] };
    groups.set(key, group);
    group.differences.push(difference);
  }
  const added = [...groups.values()].map((group) => finding(group.place.span, addedMessage(host, group)));
  return [...own, ...added];
}

/** Where an entry of Nix's may come from: a part of its storage that is not resolved, else a list of it. */
function placeFor({ evaluated }: Difference, places: readonly StoragePlace[]): StoragePlace | null {
  const inStorage = places.filter(({ storagePath }) => storagePath === evaluated?.storagePath);
  const inScope = inStorage.filter(({ scope }) => scope === evaluated?.scope.kind);
  const unresolved = inScope.find(({ reason }) => reason !== null);
  return unresolved ?? inScope[0] ?? inStorage[0] ?? null;
}

function addedMessage(
  host: string,
  { place, differences }: { readonly place: StoragePlace; readonly differences: readonly Difference[] },
): string {
  const paths = differences.map(({ path }) => path);
  const named = paths.slice(0, maximumNamed).join(", ") + (paths.length > maximumNamed ? ", …" : "");
  const what = `As Nix evaluates ${host}, ${place.storagePath ?? "this storage"} keeps ${paths.length} more ${paths.length === 1 ? "path" : "paths"} than the text shows: ${named}.`;
  return place.reason === null
    ? `${what} Another module adds ${paths.length === 1 ? "it" : "them"}: one of a flake input, or one that is not read here.`
    : `${what} This part may be where ${paths.length === 1 ? "it comes" : "they come"} from; it is not resolved here (${place.reason}).`;
}

function finding(span: Span, message: string): FileFinding {
  return {
    code: "evaluation-differs",
    level: "info",
    span,
    message: visible(message),
    related: [],
    tags: [],
    actions: [],
  };
}

/** The text a place of Nix's points at: the word, string or sign there. Nix counts columns in bytes. */
export function placeSpan(text: string, place: NixPlace | null): Span {
  const lines = text.split("\n");
  const line = Math.min(Math.max(place?.line ?? 1, 1), lines.length) - 1;
  const content = lines[line] ?? "";
  const before = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  const bytes = Math.max((place?.column ?? 1) - 1, 0);
  const column = Buffer.from(content).subarray(0, bytes).toString().length;
  const pointed = /^(?:"[^"]*"|[\w.'/-]+|\S)/.exec(content.slice(column))?.[0].length ?? 0;
  const start = before + column;
  return { start, end: start + pointed };
}
