/** Texts of a made-up repository's flake and hosts. */

export const flake = `{
  description = "Hosts that are made by one function";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
    impermanence.url = "github:nix-community/impermanence";
  };

  outputs =
    { self, nixpkgs, home-manager, impermanence, ... }@inputs:
    let
      inherit (nixpkgs) lib;
      hosts = import ./hosts;
      mkHost =
        name: host:
        lib.nixosSystem {
          inherit (host) system;
          specialArgs = { inherit inputs self; host = host // { inherit name; }; };
          modules = [
            impermanence.nixosModules.impermanence
            home-manager.nixosModules.home-manager
            ./modules/common
            ./hosts/\${name}
            { networking.hostName = name; }
          ] ++ map (role: ./modules/\${role}) host.roles;
        };
    in
    {
      nixosConfigurations = lib.mapAttrs mkHost hosts;
    };
}
`;

/** `hosts/default.nix`: what tells hosts apart. */
export function hostTable(hosts: ReadonlyMap<string, readonly string[]>): string {
  const rows = [...hosts].map(([name, roles]) => {
    const list = roles.map((role) => `"${role}"`).join(" ");
    return `  ${name} = { system = "x86_64-linux"; user = "josh"; roles = [ ${list} ]; };\n`;
  });
  return `{\n${rows.join("")}}\n`;
}

/** `hosts/<name>/default.nix`, which switches a few of the services on. */
export function hostModule(parts: readonly string[], services: readonly string[]): string {
  return `{ config, lib, host, ... }:
{
  imports = [
${parts.map((part) => `    ./${part}.nix\n`).join("")}  ];

  my.persist.enable = true;
  my.services = {
${services.map((service) => `    ${service}.enable = true;\n`).join("")}  };

  users.users.\${host.user} = {
    isNormalUser = true;
    extraGroups = [ "wheel" ] ++ lib.optional (lib.elem "role-0" host.roles) "video";
  };
  home-manager.extraSpecialArgs = { inherit host; };
  home-manager.users.\${host.user} = import ../../home;
  environment.persistence."/persist".users.\${host.user}.directories = [ "Documents" ".ssh" ];
  system.stateVersion = "24.05";
}
`;
}

/** One of the other files of a host. */
export function hostPart(part: string, index: number): string {
  return `{ config, lib, pkgs, modulesPath, ... }:
{
  imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];
  boot.initrd.availableKernelModules = [ "xhci_pci" "nvme" "usb_storage" "sd_mod" ];
  boot.kernelParams = [ "quiet" "mitigations=auto" ] ++ lib.optional (config.networking.hostName == "none") "debug";
  fileSystems."/${part}-${index}" = {
    device = "/dev/disk/by-label/${part}-${index}";
    fsType = "btrfs";
    options = [ "subvol=${part}" "compress=zstd" "noatime" ];
  };
  networking.interfaces.eth${index % 10}.useDHCP = lib.mkDefault true;
  hardware.cpu.intel.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
  environment.etc."${part}".text = ''
    # ${"What this part of the host is for, at some length. ".repeat(18).trim()}
  '';
}
`;
}

/** A file that imports others of its folder. */
export function importing(files: readonly string[]): string {
  return `{\n  imports = [\n${files.map((file) => `    ./${file}\n`).join("")}  ];\n}\n`;
}
