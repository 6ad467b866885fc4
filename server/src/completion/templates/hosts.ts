import type { Template } from "./template";

/** What nearly every server keeps. */
export const server: Template = {
  label: "persistence: minimal server",
  detail: "identity, logs, network and certificates of a server",
  needs: "storage",
  text: `environment.persistence."«1:/persist»" = {
  hideMounts = true;

  directories = [
    # Core system
    "/var/lib/nixos"
    "/var/lib/systemd/coredump"
    "/var/log"

    # Network
    "/var/lib/tailscale"
    "/etc/NetworkManager/system-connections"

    # ACME certificates
    "/var/lib/acme"
  ];

  files = [
    "/etc/machine-id"
    "/etc/ssh/ssh_host_ed25519_key"
    "/etc/ssh/ssh_host_ed25519_key.pub"
    "/etc/ssh/ssh_host_rsa_key"
    "/etc/ssh/ssh_host_rsa_key.pub"
  ];
};`,
};

/** State of services. Those that run under a user of their own name (DynamicUser) keep it below `/var/lib/private`. */
export const services: Template = {
  label: "persistence: services",
  detail: "state of common services; keep the lines of those this host runs",
  needs: "lists",
  text: `environment.persistence."«1:/persist»".directories = [
  "/var/lib/forgejo"
  "/var/lib/headscale"
  "/var/lib/postgresql"
  "/var/lib/trilium"
  "/var/lib/vaultwarden"
  "/var/lib/containers/storage/volumes"
  # Services with DynamicUser: /var/lib/NAME is only a link.
  { directory = "/var/lib/private"; mode = "0700"; }
];`,
};

export const laptop: Template = {
  label: "persistence: laptop",
  detail: "networks, paired devices, fingerprints",
  needs: "lists",
  text: `environment.persistence."«1:/persist»".directories = [
  "/etc/NetworkManager/system-connections"
  { directory = "/var/lib/bluetooth"; mode = "0700"; }
  { directory = "/var/lib/fprint"; mode = "0700"; }
  "/var/lib/systemd/backlight"
  "/var/lib/systemd/rfkill"
  "/var/lib/upower"
];`,
};

export const desktop: Template = {
  label: "persistence: desktop",
  detail: "printers, Flatpak, and a user's documents, keys and settings",
  needs: "lists",
  text: `environment.persistence."«1:/persist»" = {
  directories = [
    "/etc/NetworkManager/system-connections"
    "/var/lib/cups"
    "/var/lib/flatpak"
  ];

  users.«2:josh».directories = [
    "Desktop"
    "Documents"
    "Downloads"
    "Music"
    "Pictures"
    "Videos"
    { directory = ".ssh"; mode = "0700"; }
    { directory = ".gnupg"; mode = "0700"; }
    { directory = ".local/share/keyrings"; mode = "0700"; }
    ".config"
    ".local/share/flatpak"
    ".local/state/wireplumber"
  ];
};`,
};
