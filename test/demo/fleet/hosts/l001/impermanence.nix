{
  imports = [ ../../modules/impermanence-server.nix ];

  environment.persistence."/persist" = {
    directories = [
      {
        directory = "/var/lib/headscale";
        user = "headscale";
        group = "headscale";
      }
    ];

    users.josh.directories = [
      "/home/josh/.ssh"
    ];
  };
}
