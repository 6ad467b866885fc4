{
  imports = [ ./impermanence.nix ];

  fileSystems."/" = {
    device = "/dev/disk/by-label/h001";
    fsType = "btrfs";
    options = [ "subvol=@root" ];
  };
  fileSystems."/persist" = {
    device = "/dev/disk/by-label/h001";
    fsType = "btrfs";
    options = [ "subvol=@persist" ];
    neededForBoot = true;
  };

  services.forgejo.enable = true;
  services.zitadel.enable = true;
  services.openbao.enable = true;
  services.trilium-server.enable = true;
  services.open-webui.enable = true;
  services.n8n.enable = true;
  virtualisation.podman.enable = true;
}
