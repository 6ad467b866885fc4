import type { Template } from "./template";

/**
 * Subvolumes of btrfs. What the script takes care of: it runs after a resume from hibernation would have happened (wiping before it
 * corrupts the file system), it makes the new root before it deletes anything, and it never asks `subvolume list -o` about a plain
 * folder, which would answer with the subvolumes beside it.
 */
export const btrfs: Template = {
  label: "ephemeral root: btrfs",
  detail: "file systems, and a new root subvolume at each boot",
  needs: "layout",
  text: `fileSystems = {
  "/" = {
    device = "/dev/disk/by-label/«1:nixos»";
    fsType = "btrfs";
    options = [ "subvol=@root" ];
  };
  "/nix" = {
    device = "/dev/disk/by-label/«1»";
    fsType = "btrfs";
    options = [ "subvol=@nix" "noatime" ];
  };
  "/persist" = {
    device = "/dev/disk/by-label/«1»";
    fsType = "btrfs";
    options = [ "subvol=@persist" ];
    neededForBoot = true;
  };
  "/.snapshots" = {
    device = "/dev/disk/by-label/«1»";
    fsType = "btrfs";
    options = [ "subvol=@snapshots" ];
  };
};

boot.initrd.systemd.enable = true;
boot.initrd.systemd.services.wipe-root = {
  description = "Put the old root aside and make a new one";
  wantedBy = [ "initrd.target" ];
  # In the name of a unit, a "-" of the label is written \\x2d.
  requires = [ "dev-disk-by\\\\x2dlabel-«1».device" ];
  # A system that resumes from hibernation still uses its root: it must be gone from here by then.
  after = [ "dev-disk-by\\\\x2dlabel-«1».device" "systemd-hibernate-resume.service" ];
  before = [ "sysroot.mount" ];
  unitConfig.DefaultDependencies = false;
  serviceConfig.Type = "oneshot";
  script = ''
    mkdir -p /btrfs
    mount -t btrfs -o subvolid=5 /dev/disk/by-label/«1» /btrfs
    trap 'umount /btrfs' EXIT

    [ -e /btrfs/@snapshots ] || btrfs subvolume create /btrfs/@snapshots
    mkdir -p /btrfs/@snapshots/old_roots
    if [ -e /btrfs/@root ]; then
      old=/btrfs/@snapshots/old_roots/$(date +%Y-%m-%d_%H-%M-%S)
      while [ -e "$old" ]; do old="$old"_; done
      mv -T /btrfs/@root "$old"
    fi
    btrfs subvolume create /btrfs/@root

    delete_subvolume() {
      # Only the top of a subvolume has inode 256. Below a plain folder, "list -o" would name the subvolumes beside it.
      [ "$(stat -c %i "$1")" = 256 ] || return 0
      btrfs subvolume list -o "$1" | cut -d ' ' -f 9- | while IFS= read -r nested; do
        delete_subvolume "/btrfs/$nested"
      done
      btrfs subvolume delete "$1"
    }
    set -- /btrfs/@snapshots/old_roots/*/
    while [ "$#" -gt «2:10» ]; do
      delete_subvolume "''\${1%/}"
      shift
    done
  '';
};`,
};
