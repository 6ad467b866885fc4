import assert from "node:assert/strict";
import { test } from "node:test";
import { flake, hostsOf, keeping, type Shape } from "./shapes";

const parts = { "flake-parts": "github:hercules-ci/flake-parts" };
const own = (at: string) => `{ environment.persistence."/p".directories = [ ${at} ]; }`;

/** Ways to come to hosts that repositories use. */
const shapes: readonly Shape[] = [
  {
    title: "nixpkgs' library with functions of one's own, for the flake and its modules",
    files: {
      "flake.nix": flake(
        {},
        `inputs: let
    lib = inputs.nixpkgs.lib.extend (final: prev: { custom = import ./lib { lib = final; }; });
  in { nixosConfigurations = lib.custom.hosts ./hosts; }`,
      ),
      "lib/default.nix": `{ lib }: rec {
  rooted = lib.path.append ../.;
  hosts = folder: lib.mapAttrs' (file: _: lib.nameValuePair (lib.removeSuffix ".nix" file) (lib.nixosSystem {
    modules = map rooted [ "shared.nix" ] ++ [ (folder + "/\${file}") ];
  })) (builtins.readDir folder);
}`,
      "shared.nix": keeping("/shared"),
      "hosts/juni.nix": `{ lib, ... }: { imports = [ (lib.custom.rooted "more.nix") ]; }`,
      "more.nix": keeping("/more"),
    },
    hosts: { juni: ["/more", "/shared"] },
  },
  {
    title: "a library under another flake's, and Home Manager's functions beside it",
    files: {
      "flake.nix": flake(
        { "home-manager": "github:nix-community/home-manager", other: "github:some/one" },
        `{ nixpkgs, home-manager, other, ... }:
  let lib = other.lib // nixpkgs.lib // home-manager.lib // { here = "/here"; }; in {
    nixosConfigurations.juni = lib.nixosSystem { specialArgs = { inherit lib; }; modules = [ ./juni.nix ]; };
  }`,
      ),
      "juni.nix": `{ lib, ... }: { environment.persistence."/p".directories = lib.optionals true [ lib.here ]; }`,
    },
    hosts: { juni: ["/here"] },
  },
  {
    title: "eval-config.nix, of nixpkgs as it is and with patches",
    files: {
      "flake.nix": flake(
        {},
        `{ self, nixpkgs }: {
    nixosConfigurations.juni = import "\${nixpkgs}/nixos/lib/eval-config.nix" { system = null; modules = [ ./juni.nix ]; };
    nixosConfigurations.otto = import (nixpkgs + "/nixos/lib/eval-config.nix") { modules = [ ./juni.nix ]; };
    nixosConfigurations.zeno =
      let patched = (import nixpkgs { system = "x86_64-linux"; }).applyPatches { src = nixpkgs; patches = [ ./x ]; };
      in import (patched + "/nixos/lib/eval-config.nix") { modules = [ "\${self}/juni.nix" ]; };
  }`,
      ),
      "juni.nix": keeping("/juni"),
    },
    hosts: { juni: ["/juni"], otto: ["/juni"], zeno: ["/juni"] },
  },
  {
    title: "a host with more modules than the one it is made of",
    files: {
      "flake.nix": flake(
        {},
        `{ self, nixpkgs }: {
    nixosConfigurations.juni = nixpkgs.lib.nixosSystem { specialArgs.root = "/r"; modules = [ ./juni.nix ]; };
    nixosConfigurations.otto = self.nixosConfigurations.juni.extendModules { modules = [ ${own('"/more"')} ]; specialArgs.root = "/x"; };
  }`,
      ),
      "juni.nix": `{ root, ... }: ${own('"${root}/a"')}`,
    },
    hosts: { juni: ["/r/a"], otto: ["/more", "/x/a"] },
  },
  {
    title: "files collected as a fileset",
    files: {
      "flake.nix": flake(
        parts,
        `inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
    imports = with inputs.nixpkgs.lib.fileset; toList (difference
      (fileFilter (file: file.hasExt "nix" && file.name != "skip.nix") ./parts)
      (unions [ ./parts/old (maybeMissing ./parts/gone) ]));
  }`,
      ),
      "parts/host.nix": `{ self, inputs, ... }: {
  flake.nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem { modules = with self.nixosModules; [ a b ]; };
}`,
      "parts/deep/a.nix": `{ flake.nixosModules.a = ${own('"/a"')}; }`,
      "parts/b.nix": `{ flake.nixosModules.b = ${own('"/b"')}; }`,
      "parts/skip.nix": `{ flake.nixosModules.b = ${own('"/never"')}; }`,
      "parts/old/c.nix": `{ flake.nixosModules.b = ${own('"/never"')}; }`,
      "parts/read.me": "",
    },
    hosts: { juni: ["/a", "/b"] },
  },
  {
    title: "outputs of flake-parts as a module with options of their own",
    files: {
      "flake.nix": flake(
        parts,
        `inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
    imports = [ ./options.nix ./hosts.nix ];
    flake = { config, lib, ... }: {
      hostNames = [ "juni" ];
      nixosConfigurations = lib.genAttrs config.hostNames (name: inputs.nixpkgs.lib.nixosSystem {
        modules = [ config.nixosModules.shared ];
      });
    };
  }`,
      ),
      "options.nix": `{ lib, flake-parts-lib, ... }: {
  imports = [ (flake-parts-lib.mkTransposedPerSystemModule { name = "x"; file = ./x; option = lib.mkOption { }; }) ];
  options.flake.hostNames = lib.mkOption { type = lib.types.listOf lib.types.str; };
}`,
      "hosts.nix": `{ flake.hostNames = [ "otto" ]; flake.nixosModules.shared = ${own('"/shared"')}; }`,
    },
    hosts: { juni: ["/shared"], otto: ["/shared"] },
  },
  {
    title: "modules of other repositories among one's own",
    files: {
      "flake.nix": flake(
        { hardware: "github:NixOS/nixos-hardware", disko: "github:nix-community/disko" },
        `inputs: {
    nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = with inputs.hardware.nixosModules; [ common-pc ./juni.nix ]
        ++ inputs.nixpkgs.lib.flatten [ inputs.disko.nixosModules.disko [ inputs.disko.lib.more ] ];
    };
  }`,
      ),
      "juni.nix": `{ pkgs, ... }: ${own('"/${if pkgs.stdenv.isLinux then "linux" else "other"}"')}`,
    },
    hosts: { juni: ["/linux"] },
  },
  {
    title: "a host that is not known has a name, and no host of its own",
    files: {
      "flake.nix": flake(
        { other: "github:some/one" },
        `inputs: {
    nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem { modules = [ ./juni.nix inputs.other.x.y ]; };
    nixosConfigurations.otto = inputs.other.lib.host ./juni.nix;
  }`,
      ),
      "juni.nix": keeping("/juni"),
    },
    hosts: { juni: ["/juni"] },
  },
  {
    title: "what is declared, and what an option is set to",
    files: {
      "flake.nix": flake(
        {},
        "inputs: { nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem { modules = [ ./juni.nix ./a.nix ]; }; }",
      ),
      "juni.nix": `{ lib, options, ... }: {
  options.my.dirs = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ "/never" ]; };
  options.my.none = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ "/never" ]; };
  config = lib.mkMerge [
    (lib.mkIf (options ? my) { environment.persistence."/p".directories = lib.mkAliasDefinitions options.my.dirs; })
    { environment.persistence."/p".directories = lib.mkAliasDefinitions options.my.none; }
    { environment.persistence."/p".files = lib.optional options.my.dirs.isDefined "/set" ++ lib.optional options.my.none.isDefined "/never"; }
  ];
}`,
      "a.nix": `{ my.dirs = [ "/a" ]; }`,
    },
    hosts: { juni: ["/a", "/set"] },
  },
  {
    title: "what an option is set to under another name, and a set of options into a storage",
    files: {
      "flake.nix": flake(
        { "home-manager": "github:nix-community/home-manager" },
        "inputs: { nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem { modules = [ ./juni.nix ./a.nix ]; }; }",
      ),
      "juni.nix": `{ config, lib, ... }: let
  dirs = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
in {
  imports = [ (lib.mkAliasOptionModule [ "hm" ] [ "home-manager" "users" "ann" ]) ];
  options.my.all = lib.mkOption {
    type = lib.types.submodule { freeformType = lib.types.attrsOf lib.types.anything; options.directories = dirs; };
  };
  config.home-manager.users.ann.options.my.dirs = dirs;
  config.environment.persistence."/p" = lib.mkMerge [
    { users.ann.directories = config.hm.my.dirs; }
    config.my.all
    (lib.mkAssert config.my.all.hideMounts "it is hidden" { files = [ "/asserted" ]; })
  ];
}`,
      "a.nix": `{ hm.my.dirs = [ "a" ]; my.all = { directories = [ "/all" ]; hideMounts = true; }; }`,
    },
    hosts: { juni: ["/all", "/asserted", "ann:/home/ann/a"] },
  },
  {
    title: "what a set of options has, has under another name, and has not",
    files: {
      "flake.nix": flake(
        {},
        "inputs: { nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem { modules = [ ./juni.nix ]; }; }",
      ),
      "juni.nix": `{ config, lib, ... }: {
  options.my = lib.mkOption {
    type = lib.types.submodule {
      imports = [ (lib.mkAliasOptionModule [ "old" ] [ "new" ]) ];
      options.new = lib.mkOption { type = lib.types.str; default = "/new"; };
    };
    default = { };
  };
  config.environment.persistence."/p".directories = [ (config.my.old or "/never") (config.my.none or "/none") ];
}`,
    },
    hosts: { juni: ["/new", "/none"] },
  },
  {
    title: "what is not known may be switched off",
    files: {
      "flake.nix": flake(
        {},
        "inputs: { nixosConfigurations.juni = inputs.nixpkgs.lib.nixosSystem { modules = [ ./juni.nix ]; }; }",
      ),
      "juni.nix": `{ lib, config, secret, ... }: {
  options.my.on = lib.mkEnableOption "it";
  config.environment.persistence."/p".directories = lib.mkMerge [ [ "/a" ] (lib.mkIf config.my.on secret.x) ];
}`,
    },
    hosts: { juni: ["/a"] },
  },
  {
    title: "storages, users and modules of users that may be there besides",
    files: {
      "flake.nix": flake(
        { "home-manager": "github:nix-community/home-manager" },
        `inputs: {
    nixosConfigurations = builtins.mapAttrs (name: _: inputs.nixpkgs.lib.nixosSystem { modules = [ (./hosts + "/\${name}") ]; }) (builtins.readDir ./hosts);
  }`,
      ),
      "hosts/storages.nix": `{ config, lib, ... }: { environment.persistence = removeAttrs { "/p".directories = [ "/a" ]; } (lib.optional config.services.x.enable "/p"); }`,
      "hosts/modules.nix": `{ secret, ... }: { home-manager.sharedModules = secret.modules; home-manager.users.ann = { }; }`,
      "hosts/users.nix": `{ secret, ... }: { home-manager.users = secret.users; }`,
    },
    hosts: { "modules.nix": [], "storages.nix": [], "users.nix": [] },
    open: ["modules.nix", "storages.nix", "users.nix"],
  },
];

for (const { title, files, ...expected } of shapes)
  test(title, async () => assert.deepEqual(await hostsOf(files), expected));
