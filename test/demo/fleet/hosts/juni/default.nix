{ pkgs, ... }:
{
  imports = [ ./impermanence.nix ];

  fileSystems = {
    "/" = {
      device = "/dev/disk/by-label/juni";
      fsType = "bcachefs";
      options = [ "X-mount.subdir=@root" ];
    };
    "/nix" = {
      device = "/dev/disk/by-label/juni";
      fsType = "bcachefs";
      options = [ "X-mount.subdir=@nix" ];
    };
    "/persist" = {
      device = "/dev/disk/by-label/juni";
      fsType = "bcachefs";
      options = [ "X-mount.subdir=@persist" ];
      neededForBoot = true;
    };
    "/.snapshots" = {
      device = "/dev/disk/by-label/juni";
      fsType = "bcachefs";
      options = [ "X-mount.subdir=@snapshots" ];
    };
    "/boot" = {
      device = "/dev/disk/by-label/BOOT";
      fsType = "vfat";
    };
  };

  services.desktopManager.plasma6.enable = true;
  services.fprintd.enable = true;
  services.fwupd.enable = true;
  hardware.bluetooth.enable = true;
  virtualisation.docker.enable = true;
  programs.firefox.enable = true;
  environment.systemPackages = with pkgs; [
    atuin
    sbctl
    zoxide
  ];
}
