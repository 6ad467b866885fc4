{
  imports = [ ../../modules/impermanence-server.nix ];

  environment.persistence."/persist" = {
    directories = [
      # Code and identity
      "/var/lib/forgejo"
      "/var/lib/zitadel"
      {
        directory = "/var/lib/openbao";
        mode = 0700;
      }
      "/bao-keys"

      # Applications
      "/var/lib/trilium"
      "/var/lib/opengist"
      "/var/lib/open-webui"
      "/var/lib/n8n"
      "/var/lib/nixarr/state"

      # Podman
      "/var/lib/containers"
      "/var/lib/containers/storage/volumes"
    ];
  };
}
