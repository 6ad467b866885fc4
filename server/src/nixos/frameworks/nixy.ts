/** https://github.com/cuskiy/nixy: nodes choose among named modules, and set the values these ask for. */
export const nixy = {
  is: ["nixy"],
  text: `
let
  # What makes an option of the schema is taken for its default: types decide nothing here.
  withDefault = default: default;
  withType = _: default: default;
  helpers = {
    mkOpt = withType;
    mkReq = _: throw "a value that each node has to give";
    mkStr = withDefault;
    mkBool = withDefault;
    mkInt = withDefault;
    mkPort = withDefault;
    mkPath = withDefault;
    mkLines = withDefault;
    mkPackage = withDefault;
    mkRaw = withDefault;
    mkEnum = withType;
    mkList = withType;
    mkAttrsOf = withType;
    mkEither = _: withType;
    mkOneOf = withType;
    mkSub = options: options;
    mkSubList = _: [ ];
  };
  hidden = { name, ... }:
    lib.hasPrefix "_" name || lib.hasPrefix "." name || builtins.elem name [ "flake.nix" "default.nix" ];
  below = isLeftOut: folder: lib.concatLists (lib.mapAttrsToList
    (name: type:
      let path = folder + "/\${name}"; in
      if isLeftOut { inherit name path; } then [ ]
      else if type == "directory" then below isLeftOut path
      else if lib.hasSuffix ".nix" name then [ path ]
      else [ ])
    (builtins.readDir folder));
  modulesOf = isLeftOut: given:
    if builtins.isList given then lib.concatMap (modulesOf isLeftOut) given
    else if !(builtins.isPath given) || lib.hasSuffix ".nix" (toString given) then [ given ]
    else below isLeftOut given;
  declared = {
    options.schema = lib.mkOption { type = lib.types.attrs; default = { }; };
    options.traits = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; };
    options.nodes = lib.mkOption {
      default = { };
      type = lib.types.attrsOf (lib.types.submodule {
        options.traits = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
        options.includes = lib.mkOption { type = lib.types.listOf lib.types.raw; default = [ ]; };
        options.schema = lib.mkOption { type = lib.types.attrs; default = { }; };
      });
    };
  };
  eval = given:
    let
      args = given.args or { };
      isLeftOut = if (given.exclude or null) == null then hidden else given.exclude;
      inherit (lib.evalModules {
        specialArgs = args // helpers;
        modules = modulesOf isLeftOut (lib.toList (given.imports or [ ])) ++ [ declared ];
      }) config;
      schemaOf = node: lib.recursiveUpdate config.schema node.schema;
      shown = builtins.mapAttrs (_: node: { schema = schemaOf node; inherit (node) traits; }) config.nodes;
    in
    {
      nodes = builtins.mapAttrs
        (name: node: {
          schema = schemaOf node;
          module = {
            imports = map (trait: config.traits.\${trait}) node.traits ++ node.includes;
            config._module.args = args // { inherit name; schema = schemaOf node; nodes = shown; };
          };
        })
        config.nodes;
      extend = more: eval (given // {
        imports = lib.toList (given.imports or [ ]) ++ lib.toList (more.imports or [ ]);
        args = args // (more.args or { });
        exclude = more.exclude or given.exclude or null;
      });
    };
in
{ inherit eval; }
`,
};
