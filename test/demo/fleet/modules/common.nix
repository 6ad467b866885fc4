{ name, ... }:
{
  networking.hostName = name;
  services.openssh.enable = true;
  services.tailscale.enable = true;

  users.mutableUsers = false;
  users.users.josh = {
    isNormalUser = true;
    home = "/home/josh";
    extraGroups = [ "wheel" ];
    hashedPasswordFile = "/persist/passwords/josh";
  };

  system.stateVersion = "25.11";
}
