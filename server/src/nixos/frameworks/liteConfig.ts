/** https://github.com/yelite/lite-system and its successor lite-config: hosts as options, each with a module of its name. */
const module = (option: string): string => `
{ config, inputs, lib, ... }:
let
  cfg = config.${option};
  modules = lib.mkOption { type = lib.types.listOf lib.types.raw; default = [ ]; };
  module = lib.mkOption { type = lib.types.raw; default = null; };
  host = hostName: one:
    let
      home = lib.filter (module: module != null) (cfg.homeModules ++ [ cfg.homeModule ]);
      specialArgs = { inherit inputs; } // cfg.extraSpecialArgs;
    in
    lib.nixosSystem {
      inherit specialArgs;
      modules = [
        (if one.hostModule == null then cfg.hostModuleDir + "/\${hostName}" else one.hostModule)
        { networking.hostName = hostName; }
      ]
      ++ lib.filter (module: module != null) (cfg.systemModules ++ [ cfg.systemModule ])
      ++ lib.optional (one.useHomeManager && home != [ ]) {
        home-manager.sharedModules = home;
        home-manager.extraSpecialArgs = specialArgs;
      };
    };
in
{
  key = "${option}";
  options.${option} = {
    hostModuleDir = lib.mkOption { type = lib.types.path; };
    systemModule = module;
    systemModules = modules;
    homeModule = module;
    homeModules = modules;
    extraSpecialArgs = lib.mkOption { type = lib.types.raw; default = { }; };
    hosts = lib.mkOption {
      default = { };
      type = lib.types.attrsOf (lib.types.submodule {
        options = {
          system = lib.mkOption { type = lib.types.str; };
          hostModule = module;
          useHomeManager = lib.mkOption { type = lib.types.bool; default = true; };
        };
      });
    };
  };
  config.flake.nixosConfigurations =
    builtins.mapAttrs host (lib.filterAttrs (_: one: lib.hasSuffix "-linux" one.system) cfg.hosts);
}
`;

export const liteConfig = { is: ["lite-config"], text: `{ flakeModule = ${module("lite-config")}; }` };

export const liteSystem = { is: ["lite-system"], text: `{ flakeModule = ${module("lite-system")}; }` };
