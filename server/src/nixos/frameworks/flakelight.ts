/** https://github.com/nix-community/flakelight: hosts and modules as options of the flake, or as files below `nixDir`. */
export const flakelight = {
  is: ["flakelight"],
  text: `
let
  filesIn = dir: make: if !(builtins.pathExists dir) then { } else lib.concatMapAttrs
    (name: type:
      let plain = lib.removePrefix "_" (lib.removeSuffix ".nix" name); in
      if type == "directory"
      then (if builtins.pathExists (dir + "/\${name}/default.nix") then { \${name} = make (dir + "/\${name}"); } else { })
      else if lib.hasSuffix ".nix" name then { \${plain} = make (dir + "/\${name}"); }
      else { })
    (builtins.readDir dir);
  found = dir: make: names:
    let
      name = lib.findFirst (one: builtins.pathExists (dir + "/\${one}") || builtins.pathExists (dir + "/\${one}.nix")) null names;
    in
    if name == null then { }
    else if builtins.pathExists (dir + "/\${name}.nix") then import (dir + "/\${name}.nix")
    else if builtins.pathExists (dir + "/\${name}/default.nix") then import (dir + "/\${name}")
    else filesIn (dir + "/\${name}") make;
  called = args: given: if builtins.isFunction given then given args else given;
  evaluated = src: root:
    let
      anything = lib.mkOption { type = lib.types.raw; default = { }; };
      system = lib.evalModules {
        modules = [
          {
            options.nixDir = lib.mkOption { type = lib.types.raw; default = src + "/nix"; };
            options.inputs = lib.mkOption { type = lib.types.attrs; default = { }; };
            options.nixosConfigurations = anything;
            options.homeConfigurations = anything;
            options.nixosModules = anything;
            options.homeModules = anything;
            options.lib = anything;
            options.outputs = anything;
            config._module.args = { inherit src outputs; inherit (system.config) inputs; };
          }
          root
        ];
      };
      inherit (system) config;
      inherit (config) nixDir inputs;
      args = { inherit config inputs outputs src lib; };
      all = option: aliases: make: called args (found nixDir make ([ option ] ++ aliases)) // called args config.\${option};
      flake = { inherit inputs outputs; };
      host = hostname: given:
        let made = called args given; in
        if made ? config then made
        else lib.nixosSystem {
          specialArgs = { inherit inputs hostname; } // made.specialArgs or { };
          modules = [ { _module.args = { inherit flake; }; } ] ++ made.modules or [ ];
        };
      home = _: given:
        let made = called args given; in
        if made ? config then made
        else lib.homeManagerConfiguration {
          extraSpecialArgs = { inherit inputs; } // made.extraSpecialArgs or { };
          modules = [ { _module.args = { inherit flake; }; } ] ++ made.modules or [ ];
        };
      outputs = called args config.outputs // {
        nixosConfigurations = builtins.mapAttrs host (all "nixosConfigurations" [ "nixos" ] import);
        homeConfigurations = builtins.mapAttrs home (all "homeConfigurations" [ "home" ] import);
        nixosModules = all "nixosModules" [ ] (path: path);
        homeModules = all "homeModules" [ ] (path: path);
        lib = all "lib" [ ] import;
      };
    in
    outputs;
in
{
  __functor = _: evaluated;
  lib.mkFlake.__functor = _: evaluated;
}
`,
};
