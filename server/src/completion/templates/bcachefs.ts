import { deleteOldRoots, placeForOldRoot, subvolumes, wipeService } from "./subvolumes";
import type { Template } from "./template";

/** Whatever fails, there is a root to boot into afterwards. */
const script = `mkdir -p /bcachefs
mount -t bcachefs /dev/disk/by-label/«1» /bcachefs
trap '[ -e /bcachefs/@root ] || bcachefs subvolume create /bcachefs/@root; umount /bcachefs' EXIT

${placeForOldRoot("/bcachefs", "bcachefs")}
if [ -e /bcachefs/@root ]; then
  bcachefs subvolume snapshot /bcachefs/@root "$old"
  bcachefs subvolume delete /bcachefs/@root
fi
[ -e /bcachefs/@root ] || bcachefs subvolume create /bcachefs/@root

${deleteOldRoots("/bcachefs", "bcachefs subvolume delete")}`;

const notes = ["An encrypted file system must be unlocked first: add the unit that does it."];

/**
 * Subvolumes of bcachefs, which has no mount option for them: `mount` itself goes to the subfolder (`X-mount.subdir`), and only the one
 * in systemd's initrd can.
 */
export const bcachefs: Template = {
  label: "ephemeral root: bcachefs",
  detail: "file systems, and a new root subvolume at each boot",
  needs: "layout",
  text: `boot.supportedFilesystems = [ "bcachefs" ];
${subvolumes("bcachefs", "X-mount.subdir")}

${wipeService(notes, '{ Type = "oneshot"; KeyringMode = "shared"; }', script)}`,
};
