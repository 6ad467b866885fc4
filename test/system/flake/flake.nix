{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    impermanence.url = "github:nix-community/impermanence";
  };

  outputs =
    { nixpkgs, impermanence, ... }:
    {
      nixosConfigurations.juni = nixpkgs.lib.nixosSystem {
        modules = [
          impermanence.nixosModules.impermanence
          ./hosts/juni
        ];
      };
    };
}
