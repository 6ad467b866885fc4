{
  description = "Fleet with an ephemeral root";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    impermanence.url = "github:nix-community/impermanence";
  };

  outputs =
    { nixpkgs, impermanence, ... }:
    let
      mkHost =
        name:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit name; };
          modules = [
            impermanence.nixosModules.impermanence
            ./modules/common.nix
            ./hosts/${name}
          ];
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [
        "juni"
        "h001"
        "h003"
        "o001"
        "l001"
      ] mkHost;
    };
}
