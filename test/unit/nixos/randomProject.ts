type Random = (limit: number) => number;

/** What may be asked for under a condition: each rank may depend on the ranks before it, so that nothing depends on itself. */
const ranks = ["flags", "names", "dirs", "entries"] as const;
type Rank = (typeof ranks)[number];

const flake = (hosts: string) => `{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    impermanence.url = "github:nix-community/impermanence";
    home-manager.url = "github:nix-community/home-manager";
  };
  outputs = { self, nixpkgs, ... }@inputs:
    let
      mkHost = name: extra: nixpkgs.lib.nixosSystem {
        specialArgs = { inherit inputs; hostName = name; };
        modules = [ inputs.impermanence.nixosModules.impermanence inputs.home-manager.nixosModules.home-manager ./options.nix (./hosts + "/\${name}.nix") ] ++ extra;
      };
    in
    {
      nixosConfigurations = ${hosts};
    };
}
`;

const options = (root: string, directories: string) => `{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  flag = default: mkOption { type = types.bool; inherit default; };
  app = types.submodule ({ name, config, ... }: {
    options = {
      dir = mkOption { type = types.str; default = "/var/lib/\${name}"; };
      on = flag true;
      keep = mkOption { type = types.listOf types.str; default = [ ]; };
    };
    config = lib.mkIf (name == "special") { keep = lib.mkAfter [ "by-default" ]; };
  });
in
{
  options.my = {
    flags = { a = flag true; b = flag false; };
    word = mkOption { type = types.str; default = "none"; };
    root = mkOption { type = types.path; default = "${root}"; };
    names = mkOption { type = types.listOf types.str; default = [ "default" ]; };
    dirs = mkOption { type = types.listOf (types.either types.str types.attrs); default = [ ]; };
    apps = mkOption { type = types.attrsOf app; default = { }; };
  };
  config = {
    users.users.ann.isNormalUser = true;
    home-manager.users.ann = { };
    environment.persistence.\${config.my.root} = {
      directories = ${directories};
      users.ann.directories = lib.concatMap (app: app.keep) (lib.attrValues (lib.filterAttrs (_: app: app.on) config.my.apps));
    };
  };
}
`;

/**
 * A random project: the text of each of its files by its path. All of it is known without nixpkgs, but for `share` of a hundred
 * conditions and of the elements of lists.
 */
export function randomProject(random: Random, share: number): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let count = 0;

  function pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[random(choices.length)] ?? choices[0];
  }
  const chance = (percent: number): boolean => random(100) < percent;
  const some = (most: number, make: () => string): string => Array.from({ length: random(most + 1) }, make).join(" ");

  function condition(rank: Rank): string {
    if (rank !== "flags" && random(100) < share)
      return pick("config.services.openssh.enable", "config.hardware.bluetooth.enable");
    const known = ["true", "false", "true"];
    if (rank !== "flags") known.push("config.my.flags.a", "(!config.my.flags.b)", '(config.my.word == "one")');
    if (rank === "dirs" || rank === "entries") known.push('(lib.elem "n1" config.my.names)');
    if (rank === "entries") known.push("(config.my.apps ? extra)", "(config.my.dirs != [ ])");
    return known[random(known.length)] ?? "true";
  }

  /** A definition with conditions, priorities and places around it; sets know no places. */
  function wrapped(value: string, rank: Rank, kind: "list" | "set"): string {
    if (chance(55)) return value;
    const inner = () => wrapped(value, rank, kind);
    return pick(
      () => `(lib.mkIf ${condition(rank)} ${inner()})`,
      () => `(lib.mkMerge [ ${inner()} ])`,
      () => (kind === "list" ? `(${pick("lib.mkBefore", "lib.mkAfter", "lib.mkOrder 700")} ${value})` : inner()),
      () => `(${pick("lib.mkDefault", "lib.mkForce", "lib.mkOverride 100")} ${value})`,
    )();
  }

  function text(): string {
    return chance(15) ? `n${random(3)}` : `v${count++}`;
  }

  function strings(
    rank: Rank,
    prefix: string,
    element: (text: string) => string = (one) => `"${prefix}${one}"`,
  ): string {
    const plain = `[ ${some(3, () => element(text()))} ]`;
    const of = () => strings(rank, prefix, element);
    if (chance(55)) return plain;
    return pick(
      () => `(${plain} ++ ${of()})`,
      () => `(map (x: "${prefix}\${x}") [ ${some(2, () => `"${text()}"`)} ])`,
      () => `(lib.optionals ${condition(rank)} ${of()})`,
      () => `(if ${condition(rank)} then ${of()} else ${of()})`,
      () => `(lib.unique ${of()})`,
      () => `(let xs = ${of()}; in xs ++ ${plain})`,
      () => (rank === "entries" ? `(map (x: "${prefix}by-name/\${x}") config.my.names)` : of()),
      () => `(map (x: "${prefix}\${x}") (import ${data()}))`,
    )();
  }

  /** Another file with names; the path to it from a module. */
  function data(): string {
    const name = `names${random(2)}.nix`;
    files.set(`data/${name}`, files.get(`data/${name}`) ?? `[ "${text()}" "${text()}" ]\n`);
    return `../data/${name}`;
  }

  function list(rank: Rank, prefix: string, element?: (text: string) => string): string {
    const one = () => wrapped(strings(rank, prefix, element), rank, "list");
    return chance(20) ? `(lib.mkMerge [ ${one()} ${one()} ])` : one();
  }

  function entry(path: string): string {
    return pick(
      `"/${path}"`,
      `{ directory = "/${path}"; mode = "0700"; }`,
      `{ directory = "/${path}"; user = "${path}"; group = "${path}"; }`,
      `(lib.mkIf ${condition("entries")} "/${path}")`,
    );
  }

  function storage(users: boolean): string {
    const lists = [`directories = ${list("entries", "/", entry)};`];
    if (chance(40)) lists.push(`files = ${list("entries", "/file/")};`);
    if (users && chance(30))
      lists.push(`users.ann = ${wrapped(`{ files = ${list("entries", ".")}; }`, "entries", "set")};`);
    if (chance(10)) lists.push(`enable = lib.mkOverride ${priority()} ${pick("true", "false")};`);
    return wrapped(`{ ${lists.join(" ")} }`, "entries", "set");
  }

  /** Options that take one value are given it with priorities that differ, lest two of them should meet. */
  function priority(): number {
    return 60 + count++;
  }

  /** What one module sets, by rank. */
  function definitions(from: number): string {
    const set: string[] = [];
    const [app, other] = pick(["wiki", "special"], ["special", "extra"], ["extra", "wiki"]);
    const wants = (rank: Rank, percent: number) => ranks.indexOf(rank) >= from && chance(percent);
    if (wants("flags", 25))
      set.push(`my.flags.${pick("a", "b")} = lib.mkOverride ${priority()} ${pick("true", "false")};`);
    if (wants("flags", 20)) set.push(`my.word = lib.mkOverride ${priority()} "${pick("one", "two")}";`);
    if (wants("names", 40)) set.push(`my.names = ${list("names", "")};`);
    if (wants("dirs", 40)) set.push(`my.dirs = ${list("dirs", "/dirs/")};`);
    if (wants("dirs", 35))
      set.push(`my.apps.${app} = ${wrapped(`{ keep = ${list("dirs", "kept-")}; }`, "dirs", "set")};`);
    if (wants("dirs", 15)) set.push(`my.apps.${other}.on = lib.mkOverride ${priority()} ${pick("true", "false")};`);
    if (wants("entries", 60))
      set.push(
        `environment.persistence = ${wrapped(`{ "/${pick("persist", "other")}" = ${storage(true)}; }`, "entries", "set")};`,
      );
    if (wants("entries", 15)) set.push(`home-manager.users.ann.home.persistence."/persist" = ${storage(false)};`);
    return set.join("\n  ");
  }

  function imports(from: number, to: number): string {
    if (from >= to) return "";
    const one = () => from + random(to - from);
    const all = Array.from({ length: random(3) }, () =>
      pick(
        () => `./m${one()}.nix`,
        () => `(./. + "/m${one()}.nix")`,
        () => `(import ./m${one()}.nix)`,
        () => `{ imports = [ ./m${one()}.nix ]; ${definitions(3)} }`,
      )(),
    );
    const more = pick(
      "",
      "",
      ` ++ map (n: ./. + "/m\${n}.nix") [ "${one()}" ]`,
      ` ++ lib.optional ${pick("true", "false")} ./m${one()}.nix`,
    );
    return `imports = [ ${all.join(" ")} ]${more};`;
  }

  function module(imported: string): string {
    const rank = random(ranks.length);
    const depends = condition(ranks[rank] ?? "flags");
    return pick(
      () => `{ config, lib, ... }:\n{\n  ${imported}\n  ${definitions(0)}\n}\n`,
      () =>
        `{ config, lib, ... }:\n{\n  ${imported}\n  config = lib.mkIf ${depends} {\n  ${definitions(rank)}\n  };\n}\n`,
      () =>
        `{ config, lib, pkgs, ... }:\n{\n  ${imported}\n  config = lib.mkMerge [\n  { ${definitions(0)} }\n  (lib.mkIf ${depends} { ${definitions(rank)} })\n  ];\n}\n`,
      () => `{ config, lib, hostName, ... }@args:\nwith lib;\n{\n  ${imported}\n  ${definitions(1)}\n}\n`,
    )();
  }

  const modules = 2 + random(4);
  for (let n = 0; n < modules; n++) files.set(`hosts/m${n}.nix`, module(imports(n + 1, modules)));
  const names = ["north", "south"].slice(0, 1 + random(2));
  for (const name of names) files.set(`hosts/${name}.nix`, module(imports(0, modules)));
  const spelled = names.map((name) => `${name} = mkHost "${name}" [ ${pick("", `./hosts/m${random(modules)}.nix`)} ];`);
  const hosts = pick(
    `{ ${spelled.join(" ")} }`,
    `nixpkgs.lib.genAttrs [ ${names.map((name) => `"${name}"`).join(" ")} ] (name: mkHost name [ ])`,
  );
  files.set("flake.nix", flake(hosts));
  const directories = pick(
    "config.my.dirs",
    '[ "/var/log" ] ++ config.my.dirs',
    "map (app: app.dir) (lib.attrValues config.my.apps)",
  );
  files.set("options.nix", options(pick("/persist", "/persist", "/own"), directories));
  return files;
}
