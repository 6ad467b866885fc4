import { quote, unwritableReason } from "../../syntax/strings";
import type { ListName, PersistenceModule } from "../model";
import { isBelow, normalise } from "../paths";
import { schemaOf } from "../schema";
import type { PersistTarget } from "../target";

/** A target as it is to be written: whose list, which list, under which name. */
export interface Wanted {
  readonly target: PersistTarget;
  /** Absolute and normalised. */
  readonly path: string;
  /** The user whose list it belongs in and that user's home directory; null for the system's lists. */
  readonly home: { readonly user: string; readonly home: string } | null;
  readonly list: ListName;
  /** The path as the list holds it: absolute for the system, relative to the home directory for a user. */
  readonly written: string;
}

export function wantedOf(target: PersistTarget): Wanted {
  const path = normalise(target.path);
  const list: ListName = target.kind === "directory" ? "directories" : "files";
  const home = target.homeOf === null ? null : { ...target.homeOf, home: normalise(target.homeOf.home) };
  if (home === null || home.home === "/" || !isBelow(path, home.home))
    return { target, path, home: null, list, written: path };
  return { target, path, home, list, written: path.slice(home.home.length + 1) };
}

/** Trees that are made anew at every boot, or are no part of the wiped root; nothing below them can be persisted. */
const excluded: readonly (readonly [string, string])[] = [
  ["/nix", "the Nix store is kept on its own and needs no entry"],
  ["/proc", "it shows the kernel's state and is no place on a disk"],
  ["/sys", "it shows the kernel's state and is no place on a disk"],
  ["/dev", "device files are made anew at every boot"],
  ["/run", "it holds only the state of running programs and is empty at every boot by design"],
  ["/tmp", "temporary files are meant to go away"],
];

/** Why a target cannot be persisted at all, whatever the configuration says, or null. */
export function impossibleReason({ target, path }: Wanted): string | null {
  if (!path.startsWith("/")) return "it is not an absolute path";
  if (path === "/") return "the root itself cannot be persisted: choose the directories below it that matter";
  if (path.split("/").some((segment) => segment === "." || segment === ".."))
    return "the path contains `.` or `..`: give the path without them";
  for (const [tree, reason] of excluded)
    if (path === tree || isBelow(path, tree)) return path === tree ? reason : `it lies below ${tree}: ${reason}`;
  for (const text of [path, target.homeOf?.user, target.user, target.group]) {
    const reason = text == null ? null : unwritableReason(text);
    if (reason !== null) return reason;
  }
  return null;
}

/**
 * The options an entry needs because the path's owner or mode is not what the module creates by default, as Nix text.
 * An owner without a name on the host is not written: Nix options take names only, and such a number may belong to anybody later.
 * Impermanence's files have no such options. A mode that is not octal is not known and not written.
 */
export function optionsOf({ target, home }: Wanted, module: PersistenceModule): (readonly [string, string])[] {
  const schema = schemaOf(module);
  const known = new Set((target.kind === "directory" ? schema.directory : schema.file).map((option) => option.name));
  const usual = {
    user: [home?.user ?? "root"],
    group: home === null ? ["root"] : [home.user, "users"],
    mode: [target.kind === "directory" ? schema.defaultMode : "0644"],
  };
  const mode = target.mode !== null && /^[0-7]{3,4}$/.test(target.mode) ? target.mode.padStart(4, "0") : null;
  const actual = { user: ownerName(target.user), group: ownerName(target.group), mode };
  return (["user", "group", "mode"] as const).flatMap((name) => {
    const value = actual[name];
    const differs = known.has(name) && value !== null && !usual[name].includes(value);
    return differs ? [[name, quote(value)] as const] : [];
  });
}

/** A user or group as an option can name it: a host gives the number of one that has no name. */
function ownerName(owner: string | null): string | null {
  if (owner === null || !/^\d+$/.test(owner)) return owner;
  return /^0+$/.test(owner) ? "root" : null;
}
