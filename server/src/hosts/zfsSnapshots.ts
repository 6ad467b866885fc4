import { decodeBytes } from "./mountinfo";
import type { OldRoots } from "./oldRootChoice";
import { isBlankName } from "./oldRootNames";

/** `rpool/root@blank`: what cannot be a folder of a host. */
const snapshotName = /^[A-Za-z0-9][^@\s]*@[^@/\s]+$/;

export function isZfsSnapshot(name: string): boolean {
  return snapshotName.test(name);
}

/**
 * The empty snapshot that a zfs root is rolled back to: the one the user named, else by its name. Null where there is none, or an older
 * root, which tells more. Byte strings.
 */
export function blankSnapshot(snapshots: readonly string[], old: OldRoots, named: string | null): string | null {
  if (old.usable.length > 0 || old.blank !== null) return null;
  const fits = (name: string): boolean =>
    named !== null && isZfsSnapshot(named)
      ? name === named
      : isBlankName(decodeBytes(name.slice(name.indexOf("@") + 1)));
  return snapshots.find((name) => isZfsSnapshot(name) && fits(name)) ?? null;
}
