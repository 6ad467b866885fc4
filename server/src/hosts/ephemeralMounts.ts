import type { HostUser, RootInfo } from "./model";
import { encodeBytes, isAtOrBelow, type RawMount } from "./mountinfo";
import { neverWalked } from "./probePrune";
import type { MountBirth } from "./recordsPlaces";

/** Which mounts beside the root are wiped at boot like it. Paths are byte strings below the scanned root. */

/** Emptied on purpose: whoever mounts these apart does not want to keep what is in them. */
const meantToGo = ["/var/tmp", "/var/cache", "/var/run", "/var/lock", "/boot", "/efi"];
/** Wiped with the root means made in the same run of a script. */
const together = 120;
/** Made as long before the boot as a clock may be off. */
const slack = 600;
/** Where the root tells nothing, the mount itself has to be this close to the boot. */
const afterBoot = 300;

/**
 * The mount points that could be: where a person mounts a file system of its own (`/home`, `/var/lib`, `/home/josh`), not where
 * programs mount theirs; and no bind from elsewhere, which keeps what it shows.
 */
export function mayBeEphemeral(mounts: readonly RawMount[], users: readonly HostUser[]): RawMount[] {
  const homes = new Set(users.map((user) => encodeBytes(user.home)));
  const root = mounts.find((mount) => mount.mountPoint === "/");
  return mounts.filter((mount) => {
    const { mountPoint: point } = mount;
    if (point === "/" || /[\n\\]/.test(point)) return false;
    if ([...neverWalked, ...meantToGo].some((folder) => isAtOrBelow(point, folder))) return false;
    if (point.split("/").length > 3 && !homes.has(point)) return false;
    if (isMemory(mount)) return mount.root === "/";
    return made.has(mount.fsType) && !isBind(mount, mounts, root);
  });
}

/** File systems that a boot can make anew, and that tell when they were made. */
const made = new Set(["btrfs", "bcachefs", "zfs", "ext4", "xfs", "f2fs"]);

function isMemory({ fsType }: RawMount): boolean {
  return fsType === "tmpfs" || fsType === "ramfs";
}

/** Whether the mount shows a part of another one, as a bind from the storage does. */
function isBind(mount: RawMount, mounts: readonly RawMount[], root: RawMount | undefined): boolean {
  if (mount.root === "/") return false;
  if (mount.fsType !== "btrfs" && mount.fsType !== "bcachefs") return true;
  const others = mounts.filter((each) => each !== mount && each.device === mount.device);
  if (mount.device === root?.device && isAtOrBelow(mount.root, root.root) && root.root !== "/") return true;
  // A subvolume lies below the top-level one, too; on btrfs its inode tells (see `ephemeralMounts`).
  return others.some(
    (each) =>
      each.root !== mount.root && isAtOrBelow(mount.root, each.root) && (each.root !== "/" || mount.fsType !== "btrfs"),
  );
}

/** The root folder of every btrfs subvolume has this inode. */
const subvolumeInode = 256;

/**
 * Of those, the ones that were made anew at this boot: all in memory, and those that came into being together with the root. The
 * evidence is void where the store is as young as they are, as on the first boot after an installation.
 */
export function ephemeralMounts(
  candidates: readonly RawMount[],
  births: readonly MountBirth[],
  root: RootInfo,
  bootTime: number | null,
): string[] {
  const at = new Map(births.map((birth) => [birth.path, birth.created ?? birth.born]));
  const inodes = new Map(births.map((birth) => [birth.path, birth.inode]));
  const rootMade = root.ephemeral === true ? (at.get("/") ?? null) : null;
  const storeMade = at.get("/nix") ?? null;
  const anew = (mount: RawMount): boolean => {
    const born = at.get(mount.mountPoint) ?? null;
    if (born === null || bootTime === null || born < bootTime - slack) return false;
    if (storeMade !== null && Math.abs(born - storeMade) <= together) return false;
    if (mount.fsType === "btrfs" && inodes.get(mount.mountPoint) !== subvolumeInode) return false;
    const reference = rootMade !== null && rootMade >= bootTime - slack ? rootMade : null;
    return reference === null ? born <= bootTime + afterBoot : Math.abs(born - reference) <= together;
  };
  return candidates.filter((mount) => isMemory(mount) || anew(mount)).map((mount) => mount.mountPoint);
}
