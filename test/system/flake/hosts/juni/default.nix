{ pkgs, ... }:
{
  imports = [ ./impermanence.nix ];

  networking.hostName = "juni";
  services.headscale.enable = true;
  services.openssh.enable = true;
  environment.systemPackages = [ pkgs.git ];

  users.users.josh = {
    isNormalUser = true;
    extraGroups = [ "wheel" ];
  };
  users.users.mia.isNormalUser = true;

  fileSystems."/persist".neededForBoot = true;
}
