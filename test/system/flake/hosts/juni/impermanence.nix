{ ... }:
{
  environment.persistence."/persist" = {
    hideMounts = true;

    directories = [
      # Core system
      "/var/lib/nixos"
      "/var/lib/systemd"
      "/var/log"

      # Network
      "/etc/NetworkManager/system-connections"
      "/var/lib/tailscale"

      # Services
      "/var/lib/vaultwarden"
      "/var/log"
    ];

    files = [
      "/etc/machine-id"
      "/etc/ssh/ssh_host_ed25519_key"
      "/etc/ssh/ssh_host_ed25519_key.pub"
    ];

    users.josh = {
      directories = [
        "projects"
        { directory = ".ssh"; mode = "0700"; }
      ];
    };
  };
}
