/** https://github.com/numtide/blueprint: hosts, users and modules by the names of folders. */
export const blueprint = {
  is: ["blueprint"],
  text: `
let
  entries = path:
    let
      all = builtins.readDir path;
      folders = lib.mapAttrs (name: type: { path = path + "/\${name}"; inherit type; }) (lib.filterAttrs (_: type: type == "directory") all);
      files = lib.mapAttrs'
        (name: type: { name = lib.removeSuffix ".nix" name; value = { path = path + "/\${name}"; inherit type; }; })
        (lib.filterAttrs (name: type: type != "directory" && lib.hasSuffix ".nix" name) all);
    in
    if builtins.pathExists path then folders // files else { };
  make = { inputs, prefix ? null, ... }:
    let
      flake = inputs.self;
      src =
        if prefix == null then inputs.self.outPath
        else if builtins.isPath prefix then prefix
        else inputs.self.outPath + "/\${prefix}";
      specialArgs = { inherit inputs flake; };
      has = entry: file: builtins.pathExists (entry.path + "/\${file}");
      usersOf = entry: lib.concatMapAttrs
        (name: user:
          if user.type == "regular" then { \${name} = user.path; }
          else if has user "home-configuration.nix" then { \${name} = user.path + "/home-configuration.nix"; }
          else { })
        (if entry.type == "directory" then entries (entry.path + "/users") else { });
      nixos = hostName: entry: file:
        let users = usersOf entry; in
        lib.nixosSystem {
          specialArgs = specialArgs // { inherit hostName; };
          modules = [ (entry.path + "/\${file}") ] ++ lib.optional (users != { }) {
            home-manager.extraSpecialArgs = specialArgs;
            home-manager.users = users;
          };
        };
      host = name: entry:
        if has entry "default.nix" then
          (let made = import (entry.path + "/default.nix") { inherit flake inputs; hostName = name; }; in
           if made.class == "nixos" then { \${name} = made.value; } else { })
        else if has entry "configuration.nix" then { \${name} = nixos name entry "configuration.nix"; }
        else if has entry "rpi-configuration.nix" then { \${name} = nixos name entry "rpi-configuration.nix"; }
        else { };
      publisher = { inherit flake inputs; };
      wanted = module: builtins.isFunction module
        && builtins.all (name: builtins.elem name [ "flake" "inputs" ]) (builtins.attrNames (builtins.functionArgs module));
      module = _: { path, ... }:
        let it = import path; in if wanted it then it publisher else path;
      modules = lib.mapAttrs (_: entry: lib.mapAttrs module (entries entry.path))
        (lib.filterAttrs (_: entry: entry.type == "directory") (entries (src + "/modules")));
    in
    {
      inherit modules;
      nixosModules = modules.nixos or { };
      homeModules = modules.home or { };
      darwinModules = modules.darwin or { };
      nixosConfigurations = lib.concatMapAttrs host (entries (src + "/hosts"));
      lib = if builtins.pathExists (src + "/lib") then import (src + "/lib") specialArgs else { };
    };
in
{
  __functor = _: make;
  lib.__functor = _: make;
  lib.mkBlueprint = make;
  lib.importDir = path: f: if builtins.pathExists path then f (entries path) else { };
}
`,
};
