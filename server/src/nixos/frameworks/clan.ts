/**
 * https://docs.clan.lol: machines of an inventory, as options, or as folders below `machines`.
 * Services of the inventory may bring modules of the repository: where there are any, not all of a machine is known.
 */
export const clan = {
  is: ["clan-core"],
  text: `
let
  evaluate = { self, lib, cfg }:
    let
      directory = cfg.directory or self.outPath;
      folder = directory + "/machines";
      folders = if builtins.pathExists folder then lib.filterAttrs (_: type: type == "directory") (builtins.readDir folder) else { };
      names = builtins.attrNames (folders // (cfg.machines or { }) // (cfg.inventory.machines or { }));
      own = name: builtins.filter builtins.pathExists (map (file: folder + "/\${name}/\${file}") [
        "configuration.nix"
        "hardware-configuration.nix"
        "disko.nix"
      ]);
      services = lib.optional ((cfg.inventory.instances or { }) != { }) (throw "what the services of the clan bring is not known");
      machine = name: {
        inherit name;
        value = lib.nixosSystem {
          specialArgs = { inherit self; } // (cfg.specialArgs or { });
          modules = own name ++ services ++ [ { networking.hostName = lib.mkDefault name; } ]
            ++ lib.optional ((cfg.machines or { }) ? \${name}) cfg.machines.\${name};
        };
      };
      isNixos = name: (cfg.inventory.machines.\${name}.machineClass or "nixos") == "nixos";
    in
    builtins.listToAttrs (map machine (builtins.filter isNixos names));

  flakeModule = { config, self, lib, ... }: {
    key = "clan-core";
    imports = [ (lib.mkAliasOptionModule [ "clan" ] [ "flake" "clan" ]) ];
    options.flake.clan = lib.mkOption {
      default = { };
      type = lib.types.submodule ({ config, ... }: {
        options = {
          directory = lib.mkOption { type = lib.types.raw; default = self.outPath; };
          specialArgs = lib.mkOption { type = lib.types.raw; default = { }; };
          machines = lib.mkOption { type = lib.types.attrsOf lib.types.deferredModule; default = { }; };
          inventory.machines = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; };
          inventory.instances = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; };
          nixosConfigurations = lib.mkOption { type = lib.types.raw; };
        };
        config.nixosConfigurations = evaluate { inherit self lib; cfg = config; };
      });
    };
    config.flake.nixosConfigurations = config.flake.clan.nixosConfigurations;
  };
  made = cfg: rec {
    config = { inherit nixosConfigurations; };
    nixosConfigurations = evaluate { inherit (cfg) self; inherit lib cfg; };
  };
in
{
  flakeModules.default = flakeModule;
  lib.clan = made;
  lib.buildClan = made;
}
`,
};
