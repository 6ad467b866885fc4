{
  imports = [ ./impermanence.nix ];

  fileSystems."/" = {
    device = "none";
    fsType = "tmpfs";
    options = [
      "defaults"
      "size=2G"
      "mode=755"
    ];
  };
  fileSystems."/persist" = {
    device = "/dev/disk/by-label/l001";
    fsType = "ext4";
    neededForBoot = true;
  };

  services.headscale.enable = true;
}
