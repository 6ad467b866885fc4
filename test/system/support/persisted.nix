# The paths a module persists, as a list of { storage; user; list; path; options; }. Needs no nixpkgs: `lib` is the little that such
# files use of it, and conditions count as true.
{ file }:
let
  inherit (builtins)
    attrNames
    concatMap
    foldl'
    isAttrs
    isFunction
    isList
    isString
    map
    removeAttrs
    ;

  lib = rec {
    mkIf = condition: content: { _type = "if"; inherit condition content; };
    mkMerge = contents: { _type = "merge"; inherit contents; };
    mkForce = content: { _type = "override"; inherit content; };
    mkBefore = mkForce;
    mkAfter = mkForce;
    mkDefault = mkForce;
    optional = condition: element: if condition then [ element ] else [ ];
    optionals = condition: list: if condition then list else [ ];
    optionalAttrs = condition: set: if condition then set else { };
  };

  # The plain values behind mkIf, mkMerge and mkForce.
  plain =
    value:
    let
      type = value._type or null;
    in
    if !isAttrs value then
      [ value ]
    else if type == "if" then
      (if value.condition then plain value.content else [ ])
    else if type == "merge" then
      concatMap plain value.contents
    else if type == "override" then
      plain value.content
    else
      [ value ];

  # All definitions below an attribute path, in order.
  at =
    path: value:
    foldl' (values: name: concatMap (one: if isAttrs one && one ? ${name} then plain one.${name} else [ ]) values) (plain value)
      path;

  namesAt = path: value: concatMap (one: if isAttrs one then attrNames one else [ ]) (at path value);
  unique = names: foldl' (seen: name: if builtins.elem name seen then seen else seen ++ [ name ]) [ ] names;

  module = import file;
  args = {
    inherit lib;
    config = { services.forgejo.enable = true; };
    pkgs = { };
  };
  written = if isFunction module then module args else module;
  result = written.config or written;

  entries =
    storage: user: list: value:
    map (
      element:
      let
        key = if list == "directories" then "directory" else "file";
        written = if isString element then element else element.${key};
      in
      {
        inherit storage user list;
        path = if user == null then written else "${homeOf user}/${written}";
        options = if isString element then { } else removeAttrs element [ key ];
      }
    ) (concatMap (one: if isList one then one else [ ]) (at [ list ] value));

  homeOf = user: if user == "root" then "/root" else "/home/${user}";
  scope =
    storage: user: value:
    concatMap (list: entries storage user list value) [ "directories" "files" ];

  storages =
    option: user:
    concatMap (
      storage:
      concatMap (
        value:
        scope storage user value
        ++ concatMap (name: concatMap (scope storage name) (at [ "users" name ] value)) (unique (namesAt [ "users" ] value))
      ) (at (option ++ [ storage ]) result)
    ) (unique (namesAt option result));
in
storages [ "environment" "persistence" ] null
++ storages [ "preservation" "preserveAt" ] null
++ storages [ "home" "persistence" ] "josh"
