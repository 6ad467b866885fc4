/**
 * The Nix function that is applied to a host's `config`. It is one fixed text: nothing is ever put into it. It reads the options named
 * in it and nothing else, survives options that do not exist, and gives data without derivations, so that nothing is built or copied.
 *
 * Parts that throw are answered with `{ failed = <option>; }`. Errors that Nix does not let a program catch end the evaluation.
 */
const body = `
  text = value:
    if builtins.isString value then builtins.unsafeDiscardStringContext value
    else if builtins.isPath value then toString value
    else null;
  texts = value: if builtins.isList value then map text value else [ (text value) ];
  set = value: if builtins.isAttrs value then value else { };
  list = value: if builtins.isList value then value else [ ];
  each = ask: values: map (name: ask name values.\${name}) (builtins.attrNames values);

  owner = value: {
    user = text (value.user or null);
    group = text (value.group or null);
    mode = text (value.mode or null);
    storage = text (value.persistentStoragePath or null);
    how = text (value.how or null);
  };
  directory = value:
    if builtins.isString value then { written = text value; }
    else owner value // { written = text (value.directory or null); path = text (value.dirPath or null); };
  file = value:
    if builtins.isString value then { written = text value; }
    else owner value // { written = text (value.file or null); path = text (value.filePath or null); };
  lists = module: user: value: {
    inherit user;
    # impermanence throws when its removed option of that name is read.
    home = if module == "preservation" then text (value.home or null) else null;
    directories = map directory (list (value.directories or null));
    files = map file (list (value.files or null));
  };
  storage = module: option: user: name: value: attempt "\${option}.\${name}" {
    inherit module name user;
    path = text (value.persistentStoragePath or null);
    enable = value.enable or true;
    lists = [ (lists module user value) ] ++ each (lists module) (set (value.users or null));
  };
  storages = module: option: user: values: attempts option (each (storage module option user) (set values));

  fileSystem = mountPoint: value: attempt "fileSystems.\${mountPoint}" {
    mountPoint = text (value.mountPoint or mountPoint);
    device = text (value.device or null);
    fsType = text (value.fsType or null);
    neededForBoot = value.neededForBoot or false;
    options = texts (value.options or [ ]);
  };
  user = name: value: attempt "users.users.\${name}" {
    name = text (value.name or name);
    home = text (value.home or null);
    group = text (value.group or null);
  };
  service = name: value: attempt "systemd.services.\${name}" (
    let unit = set (value.serviceConfig or null); in
    if (unit.StateDirectory or null) == null then null
    else {
      inherit name;
      directories = texts unit.StateDirectory;
      dynamic = if builtins.isBool (unit.DynamicUser or null) then unit.DynamicUser else text (unit.DynamicUser or null);
      user = text (unit.User or null);
    });
  homeUser = name: value: storages "home-manager" "home-manager.users.\${name}.home.persistence" name (value.home.persistence or { });
in
{
  version = 1;
  storages =
    storages "impermanence" "environment.persistence" null (config.environment.persistence or { })
    ++ storages "preservation" "preservation.preserveAt" null
      (if config.preservation.enable or false then config.preservation.preserveAt or { } else { })
    ++ attempts "home-manager.users" (builtins.concatLists (each homeUser (set (config.home-manager.users or { }))));
`;

const side = `
  fileSystems = attempts "fileSystems" (each fileSystem (set (config.fileSystems or { })));
  users = attempts "users.users" (each user (set (config.users.users or { })));
  services = builtins.filter (value: value != null)
    (attempts "systemd.services" (each service (set (config.systemd.services or { }))));
`;

/** Each part by itself: what throws is named, the rest is answered. */
const patient = `
  attempt = option: value:
    let result = builtins.tryEval (builtins.deepSeq value value); in
    if result.success then result.value else { failed = option; };
  attempts = option: values:
    let result = builtins.tryEval (builtins.length values); in
    if result.success then values else [ { failed = option; } ];
`;

/** Everything at once: what throws ends the evaluation, and Nix tells why and where. */
const strict = `
  attempt = option: value: value;
  attempts = option: values: values;
`;

export const question = `config: let${patient}${body}${side}}`;

/** The same for persistence alone, for when a part of it threw: then Nix's own words are wanted. */
export const strictQuestion = `config: let${strict}${body}}`;
