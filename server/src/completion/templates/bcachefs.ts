import type { Template } from "./template";

/**
 * Subvolumes of bcachefs, which has no mount option for them: `mount` itself goes to the subfolder (`X-mount.subdir`), and only the one
 * in systemd's initrd can. Whatever fails, there is a root to boot into afterwards.
 */
export const bcachefs: Template = {
  label: "ephemeral root: bcachefs",
  detail: "file systems, and a new root subvolume at each boot",
  needs: "layout",
  text: `boot.supportedFilesystems = [ "bcachefs" ];
fileSystems = {
  "/" = {
    device = "/dev/disk/by-label/«1:nixos»";
    fsType = "bcachefs";
    options = [ "X-mount.subdir=@root" ];
  };
  "/nix" = {
    device = "/dev/disk/by-label/«1»";
    fsType = "bcachefs";
    options = [ "X-mount.subdir=@nix" ];
  };
  "/persist" = {
    device = "/dev/disk/by-label/«1»";
    fsType = "bcachefs";
    options = [ "X-mount.subdir=@persist" ];
    neededForBoot = true;
  };
  "/.snapshots" = {
    device = "/dev/disk/by-label/«1»";
    fsType = "bcachefs";
    options = [ "X-mount.subdir=@snapshots" ];
  };
};

boot.initrd.systemd.enable = true;
boot.initrd.systemd.services.wipe-root = {
  description = "Put the old root aside and make a new one";
  wantedBy = [ "initrd.target" ];
  # In the name of a unit, a "-" of the label is written \\x2d.
  requires = [ "dev-disk-by\\\\x2dlabel-«1».device" ];
  # A system that resumes from hibernation still uses its root: it must be gone from here by then.
  # An encrypted file system must be unlocked first: add the unit that does it.
  after = [ "dev-disk-by\\\\x2dlabel-«1».device" "systemd-hibernate-resume.service" ];
  before = [ "sysroot.mount" ];
  unitConfig.DefaultDependencies = false;
  serviceConfig = {
    Type = "oneshot";
    KeyringMode = "shared";
  };
  script = ''
    mkdir -p /bcachefs
    mount -t bcachefs /dev/disk/by-label/«1» /bcachefs
    trap '[ -e /bcachefs/@root ] || bcachefs subvolume create /bcachefs/@root; umount /bcachefs' EXIT

    [ -e /bcachefs/@snapshots ] || bcachefs subvolume create /bcachefs/@snapshots
    mkdir -p /bcachefs/@snapshots/old_roots
    if [ -e /bcachefs/@root ]; then
      old=/bcachefs/@snapshots/old_roots/$(date +%Y-%m-%d_%H-%M-%S)
      while [ -e "$old" ]; do old="$old"_; done
      bcachefs subvolume snapshot /bcachefs/@root "$old"
      bcachefs subvolume delete /bcachefs/@root
    fi
    [ -e /bcachefs/@root ] || bcachefs subvolume create /bcachefs/@root

    set -- /bcachefs/@snapshots/old_roots/*/
    while [ "$#" -gt «2:10» ]; do
      bcachefs subvolume delete "''\${1%/}"
      shift
    done
  '';
};`,
};
