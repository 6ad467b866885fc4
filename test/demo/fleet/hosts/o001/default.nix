{
  imports = [ ./impermanence.nix ];

  fileSystems."/" = {
    device = "/dev/disk/by-label/o001";
    fsType = "btrfs";
    options = [ "subvol=@root" ];
  };
  fileSystems."/persist" = {
    device = "/dev/disk/by-label/o001";
    fsType = "btrfs";
    options = [ "subvol=@persist" ];
    neededForBoot = true;
  };

  services.vaultwarden.enable = true;
  services.postgresql.enable = true;
  services.fail2ban.enable = true;
}
