# What every server keeps. Hosts add their services in their own impermanence.nix.
{
  environment.persistence."/persist" = {
    hideMounts = true;

    directories = [
      # Core system
      "/var/lib/nixos"
      "/var/lib/systemd/coredump"
      "/var/log"

      # Network
      "/var/lib/tailscale"
      "/etc/NetworkManager/system-connections"

      # Certificates
      {
        directory = "/var/lib/acme";
        user = "acme";
        group = "acme";
      }
    ];

    files = [
      "/etc/machine-id"
      "/etc/ssh/ssh_host_ed25519_key"
      "/etc/ssh/ssh_host_ed25519_key.pub"
      "/etc/ssh/ssh_host_rsa_key"
      "/etc/ssh/ssh_host_rsa_key.pub"
    ];
  };
}
