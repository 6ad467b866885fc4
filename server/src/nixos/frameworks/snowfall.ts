/** https://snowfall.org/guides/lib: hosts, users, modules and functions by the names of folders. */
export const snowfall = {
  is: ["snowfallorg/lib", "snowfall-lib", "snowfallorg-lib"],
  text: `
let
  foldersIn = path:
    if builtins.pathExists path
    then builtins.attrNames (lib.filterAttrs (_: type: type == "directory") (builtins.readDir path))
    else [ ];
  defaultsIn = path:
    if builtins.pathExists path
    then builtins.filter (file: builtins.baseNameOf file == "default.nix") (lib.filesystem.listFilesRecursive path)
    else [ ];
  modulesIn = root: builtins.listToAttrs (map
    (file: {
      name = lib.removePrefix "/" (lib.removeSuffix "/default.nix" (lib.removePrefix (toString root) (toString file)));
      value = file;
    })
    (defaultsIn root));
  # https://snowfall.org/reference/lib: files and folders by what they are.
  fs =
    let
      entriesOf = wanted: path:
        if builtins.pathExists path
        then map (name: path + "/\${name}") (builtins.attrNames (lib.filterAttrs (_: wanted) (builtins.readDir path)))
        else [ ];
      filesIn = entriesOf (type: type == "regular");
      deep = path: if builtins.pathExists path then lib.filesystem.listFilesRecursive path else [ ];
      isNix = file: lib.hasSuffix ".nix" (builtins.baseNameOf file);
      isDefault = file: builtins.baseNameOf file == "default.nix";
      isOther = file: isNix file && !isDefault file;
      among = wanted: files: path: builtins.filter wanted (files path);
    in
    {
      get-directories = entriesOf (type: type == "directory");
      get-files = filesIn;
      get-files-recursive = deep;
      get-nix-files = among isNix filesIn;
      get-nix-files-recursive = among isNix deep;
      get-default-nix-files = among isDefault filesIn;
      get-default-nix-files-recursive = among isDefault deep;
      get-non-default-nix-files = among isOther filesIn;
      get-non-default-nix-files-recursive = among isOther deep;
    };
  mergeDeep = lib.foldr lib.recursiveUpdate { };

  make = options:
    let
      inherit (options) inputs src;
      snowfall = options.snowfall or { };
      root = snowfall.root or src;
      namespace = snowfall.namespace or "internal";
      libraries = builtins.mapAttrs (_: input: input.lib or { }) (builtins.removeAttrs inputs [ "self" ]);
      functions = { inherit mkFlake; };
      base = libraries // lib // functions // { snowfall = functions // { inherit fs; }; };
      own = lib.fix (own: mergeDeep (map
        (file:
          let
            made = import file;
            arguments = { inherit inputs namespace; snowfall-inputs = inputs; lib = base // { \${namespace} = own; }; };
          in
          if builtins.isFunction made
          then made (builtins.intersectAttrs (builtins.functionArgs made) arguments)
          else made)
        (defaultsIn (root + "/lib"))));
      library = base // { \${namespace} = own; };
      mkFlake = given: flake (options // given);

      flake = given:
        let
          nixosModules = modulesIn (root + "/modules/nixos");
          homeModules = modulesIn (root + "/modules/home");
          systems = given.systems or { };
          homes = given.homes or { };
          withTargets = folder: f: lib.concatMap
            (target: map (name: f target name (root + "/\${folder}/\${target}/\${name}/default.nix"))
              (builtins.filter (name: builtins.pathExists (root + "/\${folder}/\${target}/\${name}/default.nix"))
                (foldersIn (root + "/\${folder}/\${target}"))))
            (foldersIn (root + "/\${folder}"));
          users = withTargets "homes" (target: name: path:
            let parts = builtins.match "([^@]*)@?(.*)" name; in
            {
              inherit target path;
              user = builtins.elemAt parts 0;
              host = builtins.elemAt parts 1;
              modules = homes.users.\${name}.modules or [ ];
              arguments = homes.users.\${name}.specialArgs or { };
            });

          homeUser = { lib, config, osConfig ? { }, ... }: {
            key = "snowfallorg/home";
            options.snowfallorg.user = {
              enable = lib.mkOption { type = lib.types.bool; default = false; };
              name = lib.mkOption { type = lib.types.str; };
              home.directory = lib.mkOption {
                type = lib.types.str;
                default = osConfig.users.users.\${config.snowfallorg.user.name}.home;
              };
            };
          };

          userOptions = { lib, config, ... }: {
            key = "snowfallorg/user";
            options.snowfallorg.users = lib.mkOption {
              default = { };
              type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
                options = {
                  create = lib.mkOption { type = lib.types.bool; default = true; };
                  admin = lib.mkOption { type = lib.types.bool; default = true; };
                  home.enable = lib.mkOption { type = lib.types.bool; default = true; };
                  home.path = lib.mkOption { type = lib.types.str; default = "/home/\${name}"; };
                  home.config = lib.mkOption { type = lib.types.deferredModule; default = { }; };
                };
              }));
            };
            config.users.users = builtins.mapAttrs
              (name: user: lib.mkIf user.create { isNormalUser = lib.mkDefault true; home = lib.mkDefault user.home.path; })
              config.snowfallorg.users;
          };

          homeOf = user: { config, lib, host, ... }: {
            config = lib.mkIf (user.host == host || user.host == "") {
              snowfallorg.users.\${user.user} = { };
              home-manager.users.\${user.user} = lib.mkIf config.snowfallorg.users.\${user.user}.home.enable {
                imports = user.modules ++ [ user.path config.snowfallorg.users.\${user.user}.home.config ];
                snowfallorg.user.enable = lib.mkDefault true;
                snowfallorg.user.name = lib.mkDefault user.user;
                _module.args = user.arguments // { inherit namespace; };
              };
            };
          };

          hostOf = target: name: path:
            let override = systems.hosts.\${name} or { }; in
            {
              inherit name;
              value = lib.nixosSystem {
                specialArgs = (override.specialArgs or { }) // {
                  inherit target inputs namespace;
                  system = target;
                  host = name;
                  format = "linux";
                  virtual = false;
                  lib = library;
                  systems = nixosConfigurations;
                };
                modules = [ path ]
                  ++ builtins.attrValues nixosModules
                  ++ (override.modules or [ ])
                  ++ (systems.modules.nixos or [ ])
                  ++ [
                    userOptions
                    {
                      home-manager.extraSpecialArgs = { inherit inputs target namespace; system = target; host = name; format = "home"; virtual = false; lib = library; };
                      home-manager.sharedModules = [ homeUser ] ++ (homes.modules or [ ])
                        ++ map (module: { imports = [ module ]; _module.args = { inherit namespace; }; }) (builtins.attrValues homeModules);
                    }
                  ]
                  ++ map homeOf (builtins.filter (user: user.target == target) users);
              };
            };
          nixosConfigurations = builtins.listToAttrs (builtins.filter (host: host != null)
            (withTargets "systems" (target: name: path: if lib.hasSuffix "-linux" target then hostOf target name path else null)));
        in
        {
          inherit nixosConfigurations nixosModules homeModules;
          lib = own;
        };
    in
    library;
in
{
  mkLib = make;
  mkFlake = options: (make options).mkFlake { };
}
`,
};
