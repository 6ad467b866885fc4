import type { EntryKind, Scope } from "../persistence/model";
import { normalise } from "../persistence/paths";
import type { Span } from "../syntax/span";
import type { EvaluatedEntry, EvaluatedHost } from "./model";

/** An entry as the text declares it: what is known of it without Nix, and where it stands. */
export interface DeclaredEntry {
  readonly kind: EntryKind;
  /** Absolute and normalised on the host. */
  readonly path: string;
  /** Null where the text does not say. */
  readonly storagePath: string | null;
  readonly scope: Scope;
  readonly user: string | null;
  readonly group: string | null;
  readonly mode: string | null;
  /** Stands under a condition. */
  readonly conditional: boolean;
  readonly file: string;
  readonly span: Span;
}

/** One thing in which the text and Nix disagree about a host. */
export interface Difference {
  readonly kind: "only-nix" | "only-text" | "kind" | "storage" | "owner" | "mode";
  readonly path: string;
  /** One or two sentences for people: what differs, and why that may be. */
  readonly reason: string;
  /** The entry in the text; null where only Nix has it. */
  readonly declared: DeclaredEntry | null;
  /** What Nix has; null where only the text has it. */
  readonly evaluated: EvaluatedEntry | null;
}

/** One path can be in several storages by mistake; more than this is no host's. */
const maximumSame = 8;

/**
 * What the text says of a host against what Nix says. `name` is the host's, for the reasons. What the text leaves open (an owner that is
 * not written) differs in nothing. Where a part could not be evaluated, nothing counts as missing from Nix.
 */
export function compare(name: string, declared: readonly DeclaredEntry[], nix: EvaluatedHost): Difference[] {
  const byPath = new Map<string, EvaluatedEntry[]>();
  for (const entry of nix.entries) {
    const same = byPath.get(entry.path);
    if (same === undefined) byPath.set(entry.path, [entry]);
    else if (same.length < maximumSame) same.push(entry);
  }
  const told = new Set<string>();
  const found: Difference[] = [];
  for (const entry of declared) {
    told.add(entry.path);
    const same = byPath.get(entry.path) ?? [];
    if (same.length > 0) found.push(...differing(entry, bestOf(entry, same)));
    else if (nix.failed.length === 0) found.push(onlyText(name, entry, nix));
  }
  for (const entry of nix.entries) {
    if (told.has(entry.path)) continue;
    told.add(entry.path);
    found.push({
      kind: "only-nix",
      path: entry.path,
      reason: onlyNixReason(name, entry),
      declared: null,
      evaluated: entry,
    });
  }
  return found;
}

/** Of several entries for one path the one that is most like the text's. */
function bestOf(entry: DeclaredEntry, candidates: readonly EvaluatedEntry[]): EvaluatedEntry | undefined {
  const likeness = (one: EvaluatedEntry) => Number(sameStorage(entry, one)) * 2 + Number(one.kind === entry.kind);
  return [...candidates].sort((a, b) => likeness(b) - likeness(a))[0];
}

function differing(entry: DeclaredEntry, evaluated: EvaluatedEntry | undefined): Difference[] {
  if (evaluated === undefined) return [];
  const difference = (kind: Difference["kind"], reason: string): Difference[] => [
    { kind, path: entry.path, reason, declared: entry, evaluated },
  ];
  if (evaluated.kind !== entry.kind)
    return difference(
      "kind",
      `Nix has ${entry.path} as a ${evaluated.kind}, here it is a ${entry.kind}: another module lists it too, and only one can win at boot.`,
    );
  if (!sameStorage(entry, evaluated))
    return difference(
      "storage",
      `Nix keeps ${entry.path} in ${evaluated.storagePath}, here it is ${entry.storagePath ?? "not known where"}: \`persistentStoragePath\` is set elsewhere, or another module decides.`,
    );
  const owner = ownerOf(evaluated.user, evaluated.group);
  const otherOwner = differs(entry.user, evaluated.user) || differs(entry.group, evaluated.group);
  const mode = differs(octal(entry.mode), octal(evaluated.mode));
  return [
    ...(otherOwner
      ? difference(
          "owner",
          `Nix gives ${entry.path} to ${owner}, here it is ${ownerOf(entry.user, entry.group)}: a definition elsewhere changes it.`,
        )
      : []),
    ...(mode
      ? difference(
          "mode",
          `Nix gives ${entry.path} the mode ${evaluated.mode}, here it is ${entry.mode}: a definition elsewhere changes it.`,
        )
      : []),
  ];
}

function sameStorage(entry: DeclaredEntry, evaluated: EvaluatedEntry): boolean {
  return entry.storagePath === null || normalise(entry.storagePath) === evaluated.storagePath;
}

function differs(text: string | null, nix: string | null): boolean {
  return text !== null && nix !== null && text !== nix;
}

/** Numbers of a mode without leading zeros; symbolic modes are not compared. */
function octal(mode: string | null): string | null {
  return mode !== null && /^[0-7]{1,5}$/.test(mode) ? mode.replace(/^0+(?=.)/, "") : null;
}

function ownerOf(user: string | null, group: string | null): string {
  return `${user ?? "…"}:${group ?? "…"}`;
}

function onlyText(name: string, entry: DeclaredEntry, nix: EvaluatedHost): Difference {
  return {
    kind: "only-text",
    path: entry.path,
    reason: onlyTextReason(name, entry, nix),
    declared: entry,
    evaluated: null,
  };
}

function onlyTextReason(name: string, entry: DeclaredEntry, nix: EvaluatedHost): string {
  const what = `As Nix evaluates ${name}, ${entry.path} is not persisted`;
  const storage = nix.storages.find(({ path }) => entry.storagePath !== null && path === normalise(entry.storagePath));
  if (storage?.enabled === false) return `${what}: the storage ${storage.path} is switched off (\`enable = false\`).`;
  if (entry.conditional) return `${what}: the condition it stands under does not hold for this host.`;
  if (storage === undefined && entry.storagePath !== null)
    return `${what}: nothing is kept in ${entry.storagePath} there. ${name} may not import this file, or the module is not switched on.`;
  return `${what}: ${name} may not import this file, or a definition elsewhere (\`mkForce\`) takes the place of this list.`;
}

function onlyNixReason(name: string, { path, storagePath, scope }: EvaluatedEntry): string {
  const whose = scope.kind === "system" ? "" : ` of ${scope.user ?? "a user"}`;
  return `As Nix evaluates ${name}, ${path}${whose} is persisted in ${storagePath} as well: by a module that is not read here (of a flake input, or switched on by an option), or by a part of a list that is computed.`;
}
