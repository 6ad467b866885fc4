import assert from "node:assert/strict";
import { test } from "node:test";
import { flake, hostsOf, keeping, type Shape } from "./shapes";

const parts = { "flake-parts": "github:hercules-ci/flake-parts" };
const homePath = (at: string) => `{ ... }: { home.persistence."/p".directories = [ "${at}" ]; }\n`;

/** What the documentation of each framework says it makes hosts of. Those over flake-parts are in `frameworksParts`. */
const shapes: readonly Shape[] = [
  {
    title: "blueprint: hosts, users and modules by their folders",
    files: {
      "flake.nix": flake({ blueprint: "github:numtide/blueprint" }, "inputs: inputs.blueprint { inherit inputs; }"),
      "hosts/juni/configuration.nix": `{ flake, hostName, ... }: {
  imports = [ flake.nixosModules.base flake.modules.nixos.desk ];
  environment.persistence."/p".files = [ "/etc/\${hostName}" ];
}`,
      "hosts/juni/users/josh.nix": homePath(".a"),
      "hosts/juni/users/ann/home-configuration.nix": homePath(".b"),
      "hosts/mac/darwin-configuration.nix": keeping("/never"),
      "hosts/own/default.nix": `{ inputs, ... }: {
  class = "nixos";
  value = inputs.nixpkgs.lib.nixosSystem { modules = [ ../juni/more.nix ]; };
}`,
      "hosts/juni/more.nix": keeping("/more"),
      "modules/nixos/base.nix": keeping("/base"),
      "modules/nixos/desk/default.nix": keeping("/desk"),
    },
    hosts: { juni: ["/base", "/desk", "/etc/juni", "ann:/home/ann/.b", "josh:/home/josh/.a"], own: ["/more"] },
  },
  {
    title: "blueprint: below a prefix",
    files: {
      "flake.nix": flake(
        { blueprint: "github:numtide/blueprint" },
        'inputs: inputs.blueprint { inherit inputs; prefix = "nix/"; }',
      ),
      "nix/hosts/juni/configuration.nix": keeping("/a"),
      "hosts/otto/configuration.nix": keeping("/never"),
    },
    hosts: { juni: ["/a"] },
  },
  {
    title: "nixy: nodes, their traits and what the schema says",
    files: {
      "flake.nix": flake(
        { nixpkgs: "github:NixOS/nixpkgs", nixy: "github:cuskiy/nixy" },
        `{ nixpkgs, nixy, ... }:
    let cluster = nixy.eval { inherit (nixpkgs) lib; imports = [ ./traits ./nodes.nix ]; args.where = "/srv"; }; in {
      nixosConfigurations = nixpkgs.lib.mapAttrs (_: node: nixpkgs.lib.nixosSystem { modules = [ node.module ]; }) cluster.nodes;
    }`,
      ),
      "nodes.nix": `{ where, ... }: {
  nodes.juni = { traits = [ "base" "deep/box" ]; schema.base.user = "josh"; includes = [ ./more.nix ]; };
  nodes.otto = { traits = [ "base" ]; includes = [ { environment.persistence."/p".files = [ "\${where}/otto" ]; } ]; };
}`,
      "more.nix": keeping("/more"),
      "traits/base.nix": `{ mkStr, ... }: {
  schema.base = { user = mkStr "ann"; folder = "code"; };
  traits.base = { schema, name, ... }: {
    environment.persistence."/p".files = [ "/etc/\${name}" ];
    environment.persistence."/p".users.\${schema.base.user}.directories = [ schema.base.folder ];
  };
}`,
      "traits/deep/box.nix": `{ traits."deep/box" = { nodes, where, ... }: {
  environment.persistence."/p".directories = [ "\${where}/\${nodes.otto.schema.base.user}" ];
}; }`,
      "traits/_hidden.nix": `{ traits.base = { environment.persistence."/p".directories = [ "/never" ]; }; }`,
    },
    hosts: {
      juni: ["/etc/juni", "/more", "/srv/ann", "josh:/home/josh/code"],
      otto: ["/etc/otto", "/srv/otto", "ann:/home/ann/code"],
    },
  },
  {
    title: "snowfall: systems, homes, modules and a library",
    files: {
      "flake.nix": flake(
        { "snowfall-lib": "github:snowfallorg/lib" },
        `inputs: inputs.snowfall-lib.mkFlake {
    inherit inputs;
    src = ./.;
    snowfall.namespace = "my";
    systems.modules.nixos = [ ./shared.nix ];
    systems.hosts.juni.modules = [ ./only-juni.nix ];
    homes.modules = [ ./shared-home.nix ];
  }`,
      ),
      "systems/x86_64-linux/juni/default.nix": `{ lib, host, ... }: {
  my.extra = [ (lib.my.below host) ];
}`,
      "systems/x86_64-linux/otto/default.nix": "{ }",
      "systems/aarch64-darwin/mac/default.nix": keeping("/never"),
      "systems/x86_64-linux/none/readme": "",
      "modules/nixos/keep/default.nix": `{ lib, config, namespace, ... }: {
  options.\${namespace}.extra = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
  config.environment.persistence."/p".directories = config.\${namespace}.extra;
}`,
      "modules/nixos/deep/er/default.nix": keeping("/deep"),
      "modules/nixos/deep/er/other.nix": keeping("/never"),
      "modules/home/all/default.nix": `{ lib, namespace, config, ... }: {
  options.\${namespace}.at = lib.mkOption { type = lib.types.str; default = ".all"; };
  config.home.persistence."/p".directories = [ config.\${namespace}.at ];
}`,
      "homes/x86_64-linux/josh@juni/default.nix": homePath(".josh"),
      "homes/x86_64-linux/ann/default.nix":
        "{ lib, ... }: { imports = lib.snowfall.fs.get-non-default-nix-files ./.; }\n",
      "homes/x86_64-linux/ann/own.nix": homePath(".ann"),
      "homes/x86_64-linux/ann/own.txt": "",
      "lib/paths/default.nix": `{ lib, ... }: { below = name: lib.concatStringsSep "/" [ "" "srv" name ]; }`,
      "shared.nix": keeping("/shared"),
      "only-juni.nix": keeping("/juni"),
      "shared-home.nix": homePath(".shared"),
    },
    hosts: {
      juni: [
        "/deep",
        "/juni",
        "/shared",
        "/srv/juni",
        "ann:/home/ann/.all",
        "ann:/home/ann/.ann",
        "ann:/home/ann/.shared",
        "josh:/home/josh/.all",
        "josh:/home/josh/.josh",
        "josh:/home/josh/.shared",
      ],
      otto: ["/deep", "/shared", "ann:/home/ann/.all", "ann:/home/ann/.ann", "ann:/home/ann/.shared"],
    },
  },
  {
    title: "lite-config: a module of the host's name, and modules for all",
    files: {
      "flake.nix": flake(
        { ...parts, "lite-config": "github:ataraxiasjel/lite-config" },
        `inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
    imports = [ inputs.lite-config.flakeModule ];
    lite-config = {
      hostModuleDir = ./hosts;
      systemModules = [ ./shared.nix ];
      homeModules = [ ./home.nix ];
      hosts.juni.system = "x86_64-linux";
      hosts.otto = { system = "x86_64-linux"; hostModule = ./other.nix; useHomeManager = false; };
      hosts.mac.system = "aarch64-darwin";
    };
  }`,
      ),
      "hosts/juni/default.nix": `{ imports = [ ../../own.nix ]; home-manager.users.josh = { }; }`,
      "own.nix": keeping("/juni"),
      "other.nix": `{ environment.persistence."/p".directories = [ "/otto" ]; home-manager.users.josh = { }; }`,
      "shared.nix": keeping("/shared"),
      "home.nix": homePath(".home"),
    },
    hosts: { juni: ["/juni", "/shared", "josh:/home/josh/.home"], otto: ["/otto", "/shared"] },
  },
  {
    title: "colmena: the nodes of a hive",
    files: {
      "flake.nix": flake(
        { colmena: "github:zhaofengli/colmena" },
        `{ self, nixpkgs, colmena, ... }: {
    colmenaHive = colmena.lib.makeHive {
      meta = { nixpkgs = import nixpkgs { system = "x86_64-linux"; }; specialArgs.root = "/r"; nodeSpecialArgs.otto.root = "/o"; };
      defaults = ./shared.nix;
      juni = ./juni.nix;
      otto = { name, nodes, ... }: { imports = [ ./juni.nix ]; };
    };
    nixosConfigurations = self.colmenaHive.nodes;
  }`,
      ),
      "shared.nix": keeping("/shared"),
      "juni.nix": `{ root, name, ... }: { environment.persistence."/p".directories = [ "\${root}/\${name}" ]; }`,
    },
    hosts: { juni: ["/r/juni", "/shared"], otto: ["/o/otto", "/shared"] },
  },
  {
    title: "haumea: hosts from a folder of files",
    files: {
      "flake.nix": flake(
        { haumea: "github:nix-community/haumea/v0.2.2" },
        `inputs: let
    hosts = inputs.haumea.lib.load { src = ./hosts; inputs = { inherit inputs; prefix = "/srv"; }; };
  in { nixosConfigurations = hosts.all; }`,
      ),
      "hosts/all/juni.nix": `{ inputs, prefix, super, ... }: inputs.nixpkgs.lib.nixosSystem {
  modules = [ { environment.persistence."/p".directories = [ (prefix + super.name) ]; } ];
}`,
      "hosts/all/_name.nix": `"/juni"`,
    },
    hosts: { juni: ["/srv/juni"] },
  },
  {
    title: "flakelight: hosts and modules as files, and as options of the flake",
    files: {
      "flake.nix": flake(
        { flakelight: "github:nix-community/flakelight" },
        `{ flakelight, ... }@inputs: flakelight ./. ({ lib, outputs, ... }: {
    inherit inputs;
    nixosConfigurations.otto = { outputs, ... }: { modules = [ outputs.nixosModules.base { environment.persistence."/p".files = [ (lib.concatStrings [ "/o" ]) ]; } ]; };
  })`,
      ),
      "nix/nixos/juni/default.nix": '{ system = "x86_64-linux"; modules = [ ./configuration.nix ]; }',
      "nix/nixos/juni/configuration.nix": `{ flake, inputs, hostname, ... }: {
  imports = [ inputs.self.nixosModules.default ];
  environment.persistence."/p".files = [ "/\${hostname}" "/\${flake.outputs.lib.name}" ];
}`,
      "nix/nixosModules/_default.nix": `{ inputs, ... }: { imports = [ inputs.self.nixosModules.base ]; }`,
      "nix/lib.nix": `{ name = "named"; }`,
      "nix/nixosModules/base.nix": keeping("/base"),
    },
    hosts: { juni: ["/base", "/juni", "/named"], otto: ["/base", "/o"] },
  },
  {
    title: "flake-utils: hosts among the outputs of each system",
    files: {
      "flake.nix": flake(
        { utils: "github:numtide/flake-utils" },
        `{ nixpkgs, utils, ... }:
  let outs = utils.lib.eachDefaultSystem (system: {
    nixosConfigurations.juni = nixpkgs.lib.nixosSystem {
      modules = [ { environment.persistence."/p".directories = [ "/\${system}" ]; } ];
    };
  });
  in { nixosConfigurations = outs.nixosConfigurations."x86_64-linux"; }`,
      ),
    },
    hosts: { juni: ["/x86_64-linux"] },
  },
];

for (const { title, files, ...expected } of shapes)
  test(title, async () => assert.deepEqual(await hostsOf(files), expected));
