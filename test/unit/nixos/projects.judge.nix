# What the hosts of whole projects keep, as Nix evaluates them: `{ <project> = [ { <host> = [ row … ]; } … ]; }`, one set of hosts
# for each answer that the flakes the projects take from elsewhere could give. Rows are in the order of the lists, duplicates kept.
{
  folder,
  projects,
  lib ? import ../../fixtures/projects/lib,
  inputs ? import ../../fixtures/projects/lib/inputs,
}:
let
  inherit (builtins) attrNames attrValues concatMap elemAt filter functionArgs head isString listToAttrs mapAttrs match pathExists;

  # The rows of a host that is evaluated.
  rowsOf = config:
    concatMap (storage: impermanence "impermanence" "system" null storage ++ concatMap (user: impermanence "impermanence" "user:${user}" null storage.users.${user}) (attrNames storage.users)) (
      filter (storage: storage.enable) (attrValues (config.environment.persistence or { }))
    )
    ++ concatMap (
      user:
      concatMap (impermanence "home-manager" "user:${user}" (config.users.users.${user}.group)) (
        filter (storage: storage.enable) (attrValues (config.home-manager.users.${user}.home.persistence or { }))
      )
    ) (attrNames (config.home-manager.users or { }))
    ++ (
      if config.preservation.enable or false then
        concatMap (storage: preservation storage.persistentStoragePath "system" storage ++ concatMap (user: preservation storage.persistentStoragePath "user:${user}" storage.users.${user}) (attrNames storage.users)) (
          attrValues config.preservation.preserveAt
        )
      else
        [ ]
    );

  impermanence = module: scope: group: storage:
    map (d: {
      inherit module scope;
      list = "directories";
      kind = "directory";
      storage = d.persistentStoragePath;
      path = d.dirPath;
      inherit (d) user mode;
      group = if d.group == null then group else d.group;
    }) storage.directories
    ++ map (f: {
      inherit module scope;
      list = "files";
      kind = "file";
      storage = f.persistentStoragePath;
      path = f.filePath;
      user = null;
      group = null;
      mode = null;
    }) storage.files;

  preservation = storage: scope: lists:
    let
      rows = list: kind:
        map (entry: {
          module = "preservation";
          inherit scope storage list kind;
          path = entry.${kind};
          inherit (entry) user group mode;
        }) (filter (entry: entry.how != "_intermediate") lists.${list});
    in
    rows "directories" "directory" ++ rows "files" "file";

  # A flake with its own outputs among its inputs, as Nix calls it.
  flakeAt = upstream: root: at:
    let
      flake = import (at + "/flake.nix");
      declared = flake.inputs or { };
      names = attrNames (removeAttrs (functionArgs flake.outputs // declared) [ "self" ]);
      given = listToAttrs (map (name: { inherit name; value = input name (declared.${name} or { }); }) names);
      input = name: spec:
        if spec ? follows then follow (filter isString (builtins.split "/" spec.follows))
        else
          let
            url = if isString spec then spec else spec.url or "${spec.type or "flake"}:${spec.owner or ""}/${spec.repo or name}";
            here = localFolder root at url;
          in
          if here == null then upstream (repositoryOf url)
          else if spec.flake or true then flakeAt upstream root here
          else { outPath = toString here; };
      follow = path: builtins.foldl' (f: name: f.inputs.${name}) { inputs = given; } path;
      self = outputs // { inputs = given; inherit outputs; outPath = toString at; };
      outputs = flake.outputs (given // { inherit self; });
    in
    self;

  # Where a flake of the same repository is: given by path, or by the address of the repository with a folder.
  localFolder = root: at: url:
    let
      byPath = match "(path:)?([.].*)" url;
      byFolder = match "[^?]*example[.]org/josh/fleet[^?]*[?](.*&)?dir=([^&]*).*" url;
    in
    if byPath != null then at + "/${elemAt byPath 1}"
    else if byFolder != null then root + "/${elemAt byFolder 1}"
    else null;
  repositoryOf = url:
    let
      forge = match "[a-z]+:[^/]+/([^/?]+).*" url;
      registry = match "(flake:/?)?([^/?:]+)(/.*)?" url;
    in
    if forge != null then head forge
    else if registry != null then elemAt registry 1
    else head (match "[^?]*/([^/?]+)([?].*)?" url);

  # Hosts without a flake: the configuration at the root, or one in each folder of `hosts`.
  plainHosts = upstream: root:
    let
      # What a configuration fetches by address is here; of the files it imports, nothing is changed.
      fetchTarball = given: toString ../../fixtures/projects/lib/channels + "/${repositoryOf (head (match "(https://[^/]*/[^/]*/[^/]*)/.*" given.url or given))}";
      scoped = { inherit fetchTarball; builtins = builtins // { inherit fetchTarball; }; };
      modulesOf = file: [ { key = toString file; imports = [ (builtins.scopedImport scoped file) ]; } ];
      host = file: (upstream "nixpkgs").lib.nixosSystem { modules = modulesOf file; };
      single = root + "/configuration.nix";
      several = if pathExists (root + "/hosts") then attrNames (builtins.readDir (root + "/hosts")) else [ ];
    in
    (if pathExists single then { "configuration.nix" = host single; } else { })
    // listToAttrs (map (name: { name = "hosts/${name}/configuration.nix"; value = host (root + "/hosts/${name}/configuration.nix"); }) several);

  hostsOf = elsewhere: name:
    let
      root = folder + "/${name}";
      upstream = inputs { inherit lib elsewhere; };
      hosts = if pathExists (root + "/flake.nix") then (flakeAt upstream root root).nixosConfigurations else plainHosts upstream root;
    in
    mapAttrs (_: host: rowsOf host.config) hosts;
in
listToAttrs (map (name: { inherit name; value = map (elsewhere: hostsOf elsewhere name) [ false true ]; }) projects)
