/** https://nix-community.github.io/haumea: a set made of a folder of Nix files. */
export const haumea = {
  is: ["haumea"],
  text: `
let
  call = inputs: path:
    let made = import path; in
    if builtins.isFunction made then made (builtins.intersectAttrs (builtins.functionArgs made) inputs) else made;
  loaders = {
    default = call;
    verbatim = _: path: import path;
    path = _: path: path;
  };
  liftDefault = _: mod: (builtins.removeAttrs mod [ "default" ]) // (mod.default or { });
  visible = name: !(lib.hasPrefix "_" name);
  load = { src, loader ? loaders.default, inputs ? { }, transformer ? [ ] }:
    let
      transformers = lib.flatten [ transformer ];
      transform = cursor: set: builtins.foldl' (value: t: t cursor value) set transformers;
      view = all: path: cursor: root: super:
        let
          read = builtins.readDir path;
          names = builtins.filter
            (name: (all || visible name) && (read.\${name} == "directory" || lib.hasSuffix ".nix" name))
            (builtins.attrNames read);
          plain = name: lib.removePrefix "_" (lib.removePrefix "_" (lib.removeSuffix ".nix" name));
          within = view true path cursor root super;
          content = name: lib.fix (self: loader (inputs // { inherit self root; super = within; }) (path + "/\${name}"));
        in
        transform cursor (builtins.listToAttrs (map
          (name: {
            name = plain name;
            value =
              if read.\${name} == "directory"
              then view all (path + "/\${name}") (cursor ++ [ (plain name) ]) root within
              else content name;
          })
          names));
      everything = view true src [ ] everything { };
    in
    view false src [ ] everything { };
in
{
  lib = {
    inherit load loaders;
    transformers = { inherit liftDefault; };
  };
}
`,
};
