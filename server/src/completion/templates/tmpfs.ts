import type { Template } from "./template";

/** A root in memory. Without `mode=755` it would be open to everyone, which OpenSSH among others refuses. */
export const tmpfs: Template = {
  label: "ephemeral root: tmpfs",
  detail: "file systems, with the root in memory",
  needs: "layout",
  text: `fileSystems = {
  # Builds, downloads and logs that are not persisted count against the size.
  "/" = {
    device = "none";
    fsType = "tmpfs";
    options = [ "defaults" "size=«1:2G»" "mode=755" ];
  };
  "/nix" = {
    device = "/dev/disk/by-label/«2:nix»";
    fsType = "«3:ext4»";
    neededForBoot = true;
  };
  "/persist" = {
    device = "/dev/disk/by-label/«4:persist»";
    fsType = "«3»";
    neededForBoot = true;
  };
};`,
};
