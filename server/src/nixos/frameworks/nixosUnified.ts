/** https://nixos-unified.org: hosts, homes and modules by the names of files, over flake-parts. */
export const nixosUnified = {
  is: ["nixos-unified", "nixos-flake"],
  text: `
let
  modulesIn = dir: make: if !(builtins.pathExists dir) then { } else lib.concatMapAttrs
    (name: type:
      if type == "directory"
      then (if builtins.pathExists "\${dir}/\${name}/default.nix" then { \${name} = make "\${dir}/\${name}"; } else { })
      else if lib.hasSuffix ".nix" name then { \${lib.removeSuffix ".nix" name} = make "\${dir}/\${name}"; }
      else { })
    (builtins.readDir dir);
  functions = { self, inputs, config, ... }:
    let
      common.flake = { inherit self inputs config; };
      home.home-manager.extraSpecialArgs = common;
    in
    {
      key = "nixos-unified";
      flake.nixos-unified.lib = {
        specialArgsFor = { inherit common; nixos = common; darwin = common; };
        mkLinuxSystem = { home-manager ? false }: module: lib.nixosSystem {
          specialArgs = common;
          modules = [ module ] ++ lib.optional home-manager home;
        };
        mkHomeConfiguration = _: module: lib.homeManagerConfiguration { extraSpecialArgs = common; modules = [ module ]; };
      };
    };
  wired = { self, config, ... }:
    let inherit (config.flake.nixos-unified.lib) mkLinuxSystem mkHomeConfiguration; in
    {
      key = "nixos-unified wired";
      flake.nixosConfigurations = modulesIn "\${self}/configurations/nixos" (mkLinuxSystem { home-manager = true; });
      flake.homeConfigurations = modulesIn "\${self}/configurations/home" (mkHomeConfiguration null);
      flake.nixosModules = modulesIn "\${self}/modules/nixos" (path: path);
      flake.homeModules = modulesIn "\${self}/modules/home" (path: path);
    };
  folders = [ "nix/modules/flake" "modules/flake" "nix/modules/flake-parts" "modules/flake-parts" ];
in
{
  flakeModule = functions;
  flakeModules = { default = functions; autoWire = wired; };
  lib.mkFlake = { inputs, root, specialArgs ? { }, ... }:
    let dir = root + "/\${lib.findFirst (name: builtins.pathExists (root + "/\${name}")) "" folders}"; in
    inputs.flake-parts.lib.mkFlake { inherit inputs specialArgs; } {
      _module.args.root = root;
      imports = map (name: dir + "/\${name}") (builtins.attrNames (builtins.readDir dir));
    };
}
`,
};
