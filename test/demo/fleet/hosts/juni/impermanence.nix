{
  environment.persistence."/persist" = {
    hideMounts = true;

    directories = [
      # System
      "/var/lib/nixos"
      "/var/lib/systemd"
      "/var/lib/systemd/coredump"
      "/var/log"

      # Network
      "/etc/NetworkManager/system-connections"
      "/var/lib/tailscale"

      # Applications
      "/var/lib/flatpak"
    ];

    files = [
      "/etc/machine-id"
      "/etc/ssh/ssh_host_ed25519_key"
      "/etc/ssh/ssh_host_ed25519_key.pub"
      "/etc/ssh/ssh_host_rsa_key"
      "/etc/ssh/ssh_host_rsa_key.pub"
    ];

    users.josh = {
      directories = [
        "Documents"
        "Pictures"
        "projects"
        {
          directory = ".gnupg";
          mode = "0700";
        }
        {
          directory = ".ssh";
          mode = "0700";
        }
        ".config/nvim"
        ".local/share/flatpak"
        ".local/share/nvim"
      ];
    };
  };
}
