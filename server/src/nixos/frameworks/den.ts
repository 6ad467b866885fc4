/**
 * https://den.oeiuwq.com: hosts and users, and aspects: sets of modules by class that include each other. An aspect, or one that is
 * included, may be a function of the host and the user it is for.
 */
export const den = {
  is: ["denful/den", "vic/den"],
  text: `
let
  required = f: builtins.attrNames (lib.filterAttrs (_: isOptional: !isOptional) (builtins.functionArgs f));
  isFor = context: f: builtins.all (name: context ? \${name}) (required f);
  call = context: f:
    let wanted = builtins.functionArgs f; in
    f (if wanted == { } then context else builtins.intersectAttrs wanted context);

  # An aspect with all that it includes. What is included more than once is there once.
  partsOf = context: aspect:
    let
      all = closure context aspect;
      isNamed = part: part ? denName;
    in
    builtins.attrValues (builtins.listToAttrs (map (part: { name = part.denName; value = part; }) (builtins.filter isNamed all)))
    ++ builtins.filter (part: !(isNamed part)) all;
  closure = context: aspect:
    if builtins.isFunction aspect
    then (if isFor context aspect then closure context (call context aspect) else [ ])
    else [ aspect ] ++ lib.concatMap (closure context) (aspect.includes or [ ]);

  # Aspects that know what they are called.
  named = path: set:
    builtins.mapAttrs
      (name: value:
        if builtins.isAttrs value && !(builtins.elem name [ "nixos" "darwin" "homeManager" "includes" "provides" "meta" ])
        then named (path ++ [ name ]) value
        else value)
      set
    // lib.optionalAttrs (path != [ ]) { denName = lib.concatStringsSep "." path; };

  # The modules of a class that an aspect has for a host, or for a user of it.
  modulesOf = context: class: aspect: lib.concatMap
    (part: lib.optional (part ? \${class}) (
      if part ? denName then { key = "den \${class} \${part.denName}"; imports = [ part.\${class} ]; } else part.\${class}
    ))
    (partsOf context aspect);

  # What of an aspect waits for a user, where the rest is the host's already.
  ofUserAlone = context: class: aspect:
    if builtins.isFunction aspect
    then (if builtins.elem "user" (required aspect) then modulesOf context class aspect else [ ])
    else lib.concatMap (ofUserAlone context class) (aspect.includes or [ ]);

  # What an aspect and those it includes provide to others under one of these names.
  provided = context: names: aspect: lib.concatMap
    (part: lib.concatMap (name: lib.optional ((part.provides or { }) ? \${name}) part.provides.\${name}) names)
    (partsOf context aspect);

  nothing = { };
  batteries = {
    define-user = { user, ... }: {
      nixos.users.users.\${user.userName} = { name = user.userName; home = "/home/\${user.userName}"; isNormalUser = true; };
      homeManager.home = { username = user.userName; homeDirectory = "/home/\${user.userName}"; };
    };
    primary-user = { user, ... }: { nixos.users.users.\${user.userName}.isNormalUser = true; };
    hostname = { host, ... }: { nixos.networking.hostName = host.hostName; };
    host-aspects = { host, user, ... }: { homeManager.imports = modulesOf { inherit host user; } "homeManager" host.aspect; };
    user-shell = _: nothing;
    unfree = _: nothing;
    insecure = _: nothing;
    tty-autologin = _: nothing;
    mutual-provider = nothing;
    home-manager = nothing;
    os-user = nothing;
    os-class = nothing;
  };

  module = { config, lib, ... }:
    let
      inherit (config) den;
      aspects = named [ ] den.aspects;
      text = default: lib.mkOption { type = lib.types.str; inherit default; };
      tree = lib.mkOption { type = lib.types.anything; default = { }; };
      list = lib.mkOption { type = lib.types.listOf lib.types.raw; default = [ ]; };
      aspectNamed = name: lib.mkOption { type = lib.types.raw; default = aspects.\${name} or { }; };

      userType = lib.types.submodule ({ name, config, ... }: {
        imports = [ (den.schema.user or { }) ];
        options = {
          name = text name;
          userName = text name;
          classes = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ "user" ]; };
          aspect = aspectNamed config.name;
          includes = list;
        };
      });
      hostType = lib.types.submodule ({ name, config, ... }: {
        imports = [ (den.schema.host or { }) ];
        options = {
          name = text name;
          hostName = text config.name;
          aspect = aspectNamed config.name;
          users = lib.mkOption { type = lib.types.attrsOf userType; default = { }; };
          includes = list;
        };
      });

      modulesForUser = host: user:
        let
          context = { inherit host user; };
          both = class: aspects: lib.concatMap (modulesOf context class) aspects;
          routed = provided context [ "to-users" user.name ] host.aspect ++ provided context [ "to-hosts" host.name ] user.aspect;
          own = [ user.aspect ] ++ user.includes ++ routed;
        in
        both "nixos" own
        ++ lib.concatMap (ofUserAlone context "nixos") ([ den.default host.aspect ] ++ host.includes)
        ++ lib.optional (builtins.elem "homeManager" user.classes) {
          home-manager.users.\${user.userName}.imports = both "homeManager" ([ den.default ] ++ own)
            ++ lib.concatMap (ofUserAlone context "homeManager") ([ host.aspect ] ++ host.includes);
        };

      systemOf = host: lib.nixosSystem {
        modules = [ { config._module.args = { inherit host; }; } ]
          ++ lib.concatMap (modulesOf { inherit host; } "nixos") ([ den.default host.aspect ] ++ host.includes)
          ++ lib.concatMap (modulesForUser host) (builtins.attrValues host.users);
      };
      hosts = lib.concatMap
        (system: map (host: host // { inherit system; class = "nixos"; }) (builtins.attrValues den.hosts.\${system}))
        (builtins.filter (lib.hasSuffix "-linux") (builtins.attrNames den.hosts));
    in
    {
      key = "den";
      options.den = {
        aspects = tree;
        default = tree;
        schema = lib.mkOption { type = lib.types.attrsOf lib.types.deferredModule; default = { }; };
        hosts = lib.mkOption { type = lib.types.attrsOf (lib.types.attrsOf hostType); default = { }; };
      };
      config._module.args.den = {
        inherit aspects;
        inherit (config.den) default schema hosts;
        inherit batteries;
        provides = batteries;
      };
      config.flake.nixosConfigurations = builtins.listToAttrs
        (map (host: { inherit (host) name; value = systemOf host; }) hosts);
    };
in
{
  flakeModule = module;
  flakeModules.default = module;
  flakeModules.dendritic = module;
}
`,
};
