import assert from "node:assert/strict";
import { test } from "node:test";
import { flake, hostsOf, keeping, type Shape } from "./shapes";

const parts = { "flake-parts": "github:hercules-ci/flake-parts" };
const homePath = (at: string) => `{ ... }: { home.persistence."/p".directories = [ "${at}" ]; }\n`;

/** What the documentation of each framework over flake-parts says it makes hosts of. */
const shapes: readonly Shape[] = [
  {
    title: "den: aspects of hosts and their users",
    files: {
      "flake.nix": flake(
        { ...parts, "import-tree": "github:vic/import-tree", den: "github:denful/den" },
        "inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } (inputs.import-tree ./modules)",
      ),
      "modules/den.nix": `{ inputs, den, lib, ... }: {
  imports = [ (inputs.den.flakeModules.dendritic or { }) ];
  den.schema.user.classes = lib.mkDefault [ "homeManager" ];
  den.schema.host.includes = [ den.aspects.every ];
  den.default.includes = [ den.batteries.define-user den.batteries.hostname ];
  den.default.nixos.system.stateVersion = "26.05";
  den.aspects.every.nixos = { host, ... }: { environment.persistence."/p".files = [ "/etc/\${host.name}" ]; };
}`,
      "modules/hosts.nix": `{
  den.hosts.x86_64-linux.juni.users = { josh = { }; ann.userName = "anna"; };
  den.hosts.x86_64-linux.otto = { };
  den.hosts.aarch64-darwin.mac.users.josh = { };
}`,
      "modules/juni.nix": `{ den, ... }: {
  den.aspects.juni = {
    includes = [ (den.aspects.disk { root = "/srv"; }) den.aspects.desk.niri den.aspects.desk.all den.aspects.twice ];
    nixos = { config, ... }: { environment.persistence."/p".directories = [ "/host/\${config.networking.hostName}" ]; };
  };
}`,
      "modules/josh.nix": `{
  den.aspects.josh = {
    homeManager.home.persistence."/p".directories = [ ".own" ];
    provides.to-hosts = { host, ... }: { nixos.environment.persistence."/p".directories = [ "/of-josh/\${host.hostName}" ]; };
  };
}`,
      "modules/aspects.nix": `{ den, ... }: {
  den.aspects.disk = { root, size ? 1 }: { nixos.environment.persistence."/p".directories = [ root ]; };
  den.aspects.desk.niri.provides.to-users = { user, ... }: {
    nixos.environment.persistence."/p".users.\${user.userName}.directories = [ "desk" ];
    homeManager = { config, ... }: { home.persistence."/p".files = [ ".\${config.home.username}" ]; };
  };
  den.aspects.desk.all.includes = [ den.aspects.desk.niri den.aspects.twice ];
  den.aspects.twice.nixos = { config, ... }: { environment.persistence."/p".directories = [ "/once/\${config.networking.hostName}" ]; };
  den.aspects.unused.nixos.environment.persistence."/p".directories = [ "/never" ];
}`,
    },
    hosts: {
      juni: [
        "/etc/juni",
        "/host/juni",
        "/of-josh/juni",
        "/once/juni",
        "/srv",
        "anna:/home/anna/.anna",
        "anna:/home/anna/desk",
        "josh:/home/josh/.josh",
        "josh:/home/josh/.own",
        "josh:/home/josh/desk",
      ],
      otto: ["/etc/otto"],
    },
  },
  {
    title: "easy-hosts: options, classes and tags",
    files: {
      "flake.nix": flake(
        { ...parts, "easy-hosts": "github:tgirlcloud/easy-hosts" },
        `inputs@{ self, ... }: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
    imports = [ inputs.easy-hosts.flakeModule ];
    easy-hosts = {
      shared.modules = [ ./shared.nix ];
      perClass = class: { modules = [ "\${self}/\${class}.nix" ]; };
      perTag = tag: { modules = [ (./. + "/\${tag}.nix") ]; };
      hosts.juni = { tags = [ "web" ]; modules = [ { environment.persistence."/p".directories = [ "/own" ]; } ]; };
      hosts.otto = { class = "iso"; path = ./elsewhere.nix; };
      hosts.mac.class = "darwin";
    };
  }`,
      ),
      "shared.nix": keeping("/shared"),
      "nixos.nix": keeping("/nixos"),
      "iso.nix": keeping("/iso"),
      "web.nix": keeping("/web"),
      "systems/juni/default.nix": keeping("/juni"),
      "elsewhere.nix": keeping("/otto"),
    },
    hosts: { juni: ["/juni", "/nixos", "/own", "/shared", "/web"], otto: ["/iso", "/otto", "/shared"] },
  },
  {
    title: "easy-hosts: hosts from folders",
    files: {
      "flake.nix": flake(
        { ...parts, "easy-hosts": "github:tgirlcloud/easy-hosts" },
        `inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
    imports = [ inputs.easy-hosts.flakeModule ];
    easy-hosts = { autoConstruct = true; path = ./hosts; };
  }`,
      ),
      "hosts/x86_64-nixos/juni/default.nix": keeping("/juni"),
      "hosts/aarch64-darwin/mac/default.nix": keeping("/never"),
    },
    hosts: { juni: ["/juni"] },
  },
  {
    title: "clan: machines as options and as folders",
    files: {
      "flake.nix": flake(
        { ...parts, "clan-core": "https://git.clan.lol/clan/clan-core/archive/main.tar.gz" },
        `inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } {
    imports = [ inputs.clan-core.flakeModules.default ];
    clan.machines.juni = ./juni.nix;
    clan.inventory.machines.otto = { };
    clan.inventory.machines.mac.machineClass = "darwin";
  }`,
      ),
      "juni.nix": keeping("/juni"),
      "machines/juni/configuration.nix": keeping("/folder"),
      "machines/otto/disko.nix": keeping("/disko"),
      "machines/zeno/configuration.nix": keeping("/zeno"),
    },
    hosts: { juni: ["/folder", "/juni"], otto: ["/disko"], zeno: ["/zeno"] },
  },
  {
    title: "clan: what services bring is not known",
    files: {
      "flake.nix": flake(
        { "clan-core": "https://git.clan.lol/clan/clan-core/archive/main.tar.gz" },
        `{ self, clan-core, ... }:
  let clan = clan-core.lib.clan { inherit self; inventory.instances.x = { }; }; in
  { inherit (clan.config) nixosConfigurations; }`,
      ),
      "machines/juni/configuration.nix": keeping("/juni"),
    },
    hosts: { juni: ["/juni"] },
    open: ["juni"],
  },
  {
    title: "nixos-unified: hosts, modules and homes by the names of files",
    files: {
      "flake.nix": flake(
        { ...parts, "nixos-unified": "github:srid/nixos-unified" },
        "inputs: inputs.nixos-unified.lib.mkFlake { inherit inputs; root = ./.; }",
      ),
      "modules/flake/toplevel.nix": `{ inputs, root, ... }: {
  imports = [ inputs.nixos-unified.flakeModules.default inputs.nixos-unified.flakeModules.autoWire ];
  flake.nixosModules.root.environment.persistence."/p".files = [ (if root == ../../. then "/root" else "/never") ];
}`,
      "configurations/nixos/juni/default.nix": `{ flake, ... }: {
  imports = [ flake.inputs.self.nixosModules.base flake.self.nixosModules.root ];
  home-manager.users.ann = { flake, ... }: { imports = [ flake.self.homeModules.shell ]; };
}`,
      "configurations/nixos/otto.nix": keeping("/otto"),
      "configurations/nixos/none/x.nix": keeping("/never"),
      "modules/nixos/base.nix": keeping("/base"),
      "modules/home/shell.nix": homePath(".a"),
    },
    hosts: { juni: ["/base", "/root", "ann:/home/ann/.a"], otto: ["/otto"] },
  },
];

for (const { title, files, ...expected } of shapes)
  test(title, async () => assert.deepEqual(await hostsOf(files), expected));
