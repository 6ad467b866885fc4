/** https://github.com/tgirlcloud/easy-hosts: hosts as options, or as folders below `path`. */
export const easyHosts = {
  is: ["easy-hosts"],
  text: `
{
  flakeModule = { config, inputs, lib, ... }:
    let
      cfg = config.easy-hosts;
      self = inputs.self;
      basic = {
        modules = lib.mkOption { type = lib.types.listOf lib.types.raw; default = [ ]; };
        specialArgs = lib.mkOption { type = lib.types.raw; default = { }; };
      };
      nothing = _: { modules = [ ]; specialArgs = { }; };
      perWhat = lib.mkOption { type = lib.types.raw; default = nothing; };
      classOf = class: ({ linux = "nixos"; } // cfg.additionalClasses).\${class} or class;
      foldersIn = path: lib.filterAttrs (_: type: type == "directory") (builtins.readDir path);
      parts = system: builtins.match "([^-]*)-(.*)" system;
      built = system: path: {
        inherit path;
        arch = builtins.elemAt (parts system) 0;
        class = builtins.elemAt (parts system) 1;
      };
      found =
        if cfg.onlySystem != null
        then builtins.mapAttrs (name: _: built cfg.onlySystem (cfg.path + "/\${name}")) (builtins.readDir cfg.path)
        else lib.concatMapAttrs
          (system: _: builtins.mapAttrs
            (name: _: built system (cfg.path + "/\${system}/\${name}"))
            (builtins.readDir (cfg.path + "/\${system}")))
          (foldersIn cfg.path);
      host = name: one:
        let sources = [ cfg.shared one ] ++ map cfg.perTag one.tags ++ [ (cfg.perClass one.class) (cfg.perArch one.arch) ]; in
        lib.nixosSystem {
          specialArgs = builtins.foldl' lib.recursiveUpdate { inherit inputs self; } (map (from: from.specialArgs or { }) sources);
          modules =
            (if one.path != null then [ one.path ] else builtins.filter builtins.pathExists [
              "\${self}/hosts/\${name}/default.nix"
              "\${self}/systems/\${name}/default.nix"
            ])
            ++ [ { networking.hostName = lib.mkDefault name; } ]
            ++ builtins.concatLists (map (from: from.modules or [ ]) sources);
        };
    in
    {
      key = "easy-hosts";
      options.easy-hosts = {
        autoConstruct = lib.mkEnableOption "hosts from folders";
        path = lib.mkOption { type = lib.types.nullOr lib.types.path; default = null; };
        onlySystem = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; };
        shared = basic;
        perClass = perWhat;
        perArch = perWhat;
        perTag = perWhat;
        additionalClasses = lib.mkOption { type = lib.types.attrsOf lib.types.str; default = { }; };
        hosts = lib.mkOption {
          default = { };
          type = lib.types.attrsOf (lib.types.submodule {
            options = basic // {
              arch = lib.mkOption { type = lib.types.str; default = "x86_64"; };
              class = lib.mkOption { type = lib.types.str; default = "nixos"; };
              tags = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
              path = lib.mkOption { type = lib.types.nullOr lib.types.path; default = null; };
            };
          });
        };
      };
      config.easy-hosts.hosts = lib.mkIf cfg.autoConstruct found;
      config.flake.nixosConfigurations =
        builtins.mapAttrs host (lib.filterAttrs (_: one: classOf one.class != "darwin") cfg.hosts);
    };
}
`,
};
