{
  imports = [ ./impermanence.nix ];

  fileSystems."/" = {
    device = "/dev/disk/by-label/h003";
    fsType = "bcachefs";
    options = [ "X-mount.subdir=@root" ];
  };
  fileSystems."/persist" = {
    device = "/dev/disk/by-label/h003";
    fsType = "bcachefs";
    options = [ "X-mount.subdir=@persist" ];
    neededForBoot = true;
  };

  services.adguardhome.enable = true;
  services.dnsmasq.enable = true;
}
