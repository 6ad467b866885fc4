import { deleteOldRoots, placeForOldRoot, subvolumes, wipeService } from "./subvolumes";
import type { Template } from "./template";

/**
 * Subvolumes of btrfs. The script makes the new root before it deletes anything, and never asks `subvolume list -o` about a plain folder,
 * which would answer with the subvolumes beside it.
 */
const script = `mkdir -p /btrfs
mount -t btrfs -o subvolid=5 /dev/disk/by-label/«1» /btrfs
trap 'umount /btrfs' EXIT

${placeForOldRoot("/btrfs", "btrfs")}
[ ! -e /btrfs/@root ] || mv -T /btrfs/@root "$old"
btrfs subvolume create /btrfs/@root

delete_subvolume() {
  # Only the top of a subvolume has inode 256. Below a plain folder, "list -o" would name the subvolumes beside it.
  [ "$(stat -c %i "$1")" = 256 ] || return 0
  btrfs subvolume list -o "$1" | cut -d ' ' -f 9- | while IFS= read -r nested; do
    delete_subvolume "/btrfs/$nested"
  done
  btrfs subvolume delete "$1"
}
${deleteOldRoots("/btrfs", "delete_subvolume")}`;

export const btrfs: Template = {
  label: "ephemeral root: btrfs",
  detail: "file systems, and a new root subvolume at each boot",
  needs: "layout",
  text: `${subvolumes("btrfs", "subvol")}\n\n${wipeService([], '{ Type = "oneshot"; }', script)}`,
};
