import { isBelow, join, normalise } from "../../persistence/paths";
import type { Span } from "../../syntax/span";
import { quote } from "../../syntax/strings";
import type { Fix, RuleContext } from "../rule";
import { mountsOn } from "./boot";
import { type Declared, declaredOn } from "./declared";
import { definitionsAt } from "./hostOptions";
import { isStringLiteral, shown } from "./text";

/** Directories that impermanence mounts in the initrd, since nixpkgs needs them there. All others appear when the system is already activated. */
export const mountedEarly = new Set([
  "/nix",
  "/nix/store",
  "/var",
  "/var/log",
  "/var/lib",
  "/var/lib/nixos",
  "/etc",
  "/usr",
]);

/** A path that is there only when the mount of a persisted entry appears. */
export interface LatePath {
  readonly declared: Declared;
  /** Where the same file lies on the storage, which is mounted in the initrd. */
  readonly copy: string;
}

/** The entry that makes a path appear late; null where it is there early, is on a storage, or is not persisted for sure. */
export function latePath(context: RuleContext, path: string): LatePath | null {
  const wanted = normalise(path);
  let found: LatePath | null = null;
  for (const declared of declaredOn(context)) {
    const { entry, block, path: kept, certain } = declared;
    const storage = block.storagePath === null ? null : normalise(block.storagePath);
    if (storage !== null && isBelow(wanted, storage)) return null;
    if (kept === null || (kept !== wanted && !isBelow(wanted, kept))) continue;
    const own = entry.settings.find(({ name }) => name.name === "persistentStoragePath");
    const initrd = entry.settings.find(({ name }) => name.name === "inInitrd")?.value;
    if (initrd !== undefined && !(initrd.kind === "bool" && !initrd.value)) return null;
    if (block.module !== "preservation" && entry.kind === "directory" && mountedEarly.has(kept)) return null;
    if (!certain || storage === null || own !== undefined) return null;
    found ??= { declared, copy: join(storage, wanted) };
  }
  // What has a file system of its own may be there early; a mere `neededForBoot` mounts nothing.
  const mounts = found === null ? [] : mountsOn(context.host);
  const mounted = mounts?.some(({ mountPoint, settings, whole }) => {
    if (whole && settings.size === 1 && settings.has("neededForBoot")) return false;
    return mountPoint !== "/" && (mountPoint === wanted || isBelow(wanted, mountPoint));
  });
  return mounted === false ? found : null;
}

/** The fix that names the storage's copy, where the path is written out at `span`. */
export function nameCopy(text: string, span: Span, copy: string): Fix[] {
  if (!isStringLiteral(text.slice(span.start, span.end))) return [];
  return [{ title: `Write ${shown(copy)}`, edits: [{ span, text: quote(copy) }] }];
}

/** Whether a secret of sops-nix is decrypted before users are made, and so before anything is persisted. */
export function isNeededForUsers({ host }: RuleContext): boolean {
  return definitionsAt(host, ["sops", "secrets"]).some(
    ({ fact: { path, value } }) => path[3] === "neededForUsers" && value.kind === "bool" && value.value,
  );
}
