{
  imports = [ ../../modules/impermanence-server.nix ];

  environment.persistence."/persist" = {
    directorys = [
      "/var/lib/AdGuardHome"
      "/var/lib/dnsmasq"
    ];

    files = [
      # Unlocks the data disk. Losing it means typing the passphrase at the router.
      "/boot/keyfile_nvme0n1p1"
    ];
  };
}
