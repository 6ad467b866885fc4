import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";
import { random } from "../../support/random";

const hosts = Array.from({ length: 12 }, (_, index) => `h${index}`);

const files: Readonly<Record<string, string>> = {
  "flake.nix": `{
    inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    outputs = { self, nixpkgs, ... }: {
      nixosConfigurations = nixpkgs.lib.genAttrs [ ${hosts.map((name) => `"${name}"`).join(" ")} ] (name:
        nixpkgs.lib.nixosSystem {
          specialArgs = { inherit self name; };
          modules = [ ./shared.nix (./. + "/$\{name}.nix") ];
        });
    };
  }`,
  "shared.nix": `{ config, lib, ... }: {
    options.dirs = lib.mkOption { default = [ ]; };
    options.on.enable = lib.mkEnableOption "on";
    config.environment.persistence."/p".directories = config.dirs;
  }`,
  "role.nix": `{ dirs = [ "/role" ]; }`,
  "imported.nix": `[ "/imported" ]`,
  "h0.nix": `{ imports = [ ./role.nix ]; dirs = import ./imported.nix; }`,
  "h1.nix": `{ imports = [ ./role.nix ]; }`,
  ...Object.fromEntries(hosts.slice(2).map((name) => [`${name}.nix`, `{ ... }: { dirs = [ "/${name}" ]; }`])),
};

/** A repository of many hosts with a service that looks at it. */
class Fleet {
  readonly root = mkdtempSync(path.join(tmpdir(), "refresh-"));
  readonly service: Tidemark;

  constructor(private readonly parser: Awaited<ReturnType<typeof grammar>>) {
    mkdirSync(path.join(this.root, ".git"));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.root, name), text);
    this.service = this.begun();
    this.service.projects.modelAt(this.root);
  }

  begun(): Tidemark {
    const service = new Tidemark(this.parser, diskFiles);
    service.folders = [this.root];
    return service;
  }

  textOf(name: string): string {
    return this.service.files.openText(path.join(this.root, name)) ?? files[name] ?? "";
  }

  /** How many hosts are evaluated after an edit. What is said then is what is said by a service that begins anew. */
  evaluatedAfter(name: string, text: string, compare?: (one: Tidemark, fresh: Tidemark) => void): number {
    const { service } = this;
    const before = new Set(service.projects.hosts);
    service.setText(path.join(this.root, name), text);
    for (const _ of service.projects.refresh());
    const fresh = this.begun();
    for (const open of service.files.open) {
      // A file that does not parse counts as it last did.
      fresh.setText(open, service.files.soundText(open) ?? "");
      fresh.setText(open, service.files.openText(open) ?? "");
    }
    fresh.projects.modelAt(this.root);
    assert.deepEqual(service.projects.hosts, fresh.projects.hosts);
    compare?.(service, fresh);
    fresh.dispose();
    return service.projects.hosts.filter((host) => !before.has(host)).length;
  }

  replaced(name: string, from: string, to: string): number {
    return this.evaluatedAfter(name, this.textOf(name).replace(from, to));
  }

  /** What a host keeps. */
  kept(host: string): readonly string[] {
    const found = this.service.projects.hosts.find(({ name }) => name === host);
    return (found?.storages ?? []).flatMap(({ lists }) =>
      lists.flatMap(({ entries }) => entries.map(({ written }) => written)),
    );
  }

  dispose(): void {
    this.service.dispose();
    rmSync(this.root, { recursive: true });
  }
}

async function withFleet(work: (fleet: Fleet) => void): Promise<void> {
  const fleet = new Fleet(await grammar());
  try {
    work(fleet);
  } finally {
    fleet.dispose();
  }
}

// The first host is kept ready, and evaluated each time.

test("after an edit only the hosts that the file is a part of are evaluated", () =>
  withFleet((fleet) => {
    assert.equal(fleet.replaced("h5.nix", "/h5", "/five"), 2);
    assert.deepEqual(fleet.kept("h5"), ["/five"]);
    assert.equal(fleet.replaced("h7.nix", "/h7", "/seven"), 2);
    assert.deepEqual(fleet.kept("h7"), ["/seven"]);
    assert.equal(fleet.replaced("role.nix", "/role", "/part"), 2);
    assert.deepEqual(fleet.kept("h1"), ["/part"]);
    // What it imports now is looked at, too.
    assert.equal(fleet.evaluatedAfter("h9.nix", `{ ... }: { imports = [ ./role.nix ]; }`), 2);
    assert.equal(fleet.replaced("role.nix", "/part", "/role"), 3);
    assert.deepEqual(fleet.kept("h9"), ["/role"]);
  }));

test("after an edit of what all hosts may depend on all are evaluated", () =>
  withFleet((fleet) => {
    assert.equal(fleet.replaced("imported.nix", "/imported", "/other"), hosts.length);
    assert.equal(fleet.replaced("shared.nix", "config.dirs;", "config.dirs ++ [ ];"), hosts.length);
    assert.equal(fleet.replaced("flake.nix", "./shared.nix", "./shared.nix ./role.nix"), hosts.length);
    assert.deepEqual(fleet.kept("h3"), ["/h3", "/role"]);
  }));

test("where a host asks for another one all are evaluated", () =>
  withFleet((fleet) => {
    const asking = `{ self, ... }: { dirs = self.nixosConfigurations.h4.config.dirs; }`;
    assert.equal(fleet.evaluatedAfter("h8.nix", asking), hosts.length);
    assert.equal(fleet.replaced("h4.nix", "/h4", "/four"), hosts.length);
    assert.deepEqual(fleet.kept("h8"), ["/four"]);
  }));

test("a file that was read as a text, or was not there, may matter to any host", () =>
  withFleet((fleet) => {
    const reading = `{ lib, ... }: { dirs = [ (lib.removeSuffix "\n" (builtins.readFile ./name.nix)) ] ++ lib.optional (builtins.pathExists ./late.nix) "/late"; }`;
    writeFileSync(path.join(fleet.root, "name.nix"), "/name");
    assert.equal(fleet.evaluatedAfter("h6.nix", reading), 2);
    assert.deepEqual(fleet.kept("h6"), ["/name"]);
    assert.equal(fleet.replaced("h3.nix", "/h3", "/three"), 2);
    assert.equal(fleet.evaluatedAfter("name.nix", "/new"), hosts.length);
    assert.equal(fleet.replaced("h3.nix", "/three", "/h3"), 2);
    assert.equal(fleet.evaluatedAfter("late.nix", "{ }"), hosts.length);
    assert.deepEqual(fleet.kept("h6"), ["/new", "/late"]);
  }));

/** What a host's file may say. */
const choices = [
  `{ ... }: { dirs = [ "/a" ]; }`,
  `{ imports = [ ./role.nix ]; }`,
  `{ imports = [ ./h2.nix ]; dirs = import ./imported.nix; }`,
  `{ lib, config, ... }: { imports = [ ./role.nix ]; config = lib.mkIf config.on.enable { dirs = [ "/on" ]; }; }`,
  `{ on.enable = true; imports = [ ./h3.nix ]; }`,
  `{ lib, ... }: { environment.persistence."/q" = lib.mkOption { type = lib.types.submodule ./role.nix; }; }`,
  `{ name, ... }: { home-manager.users.ann = { imports = [ ./home.nix ]; }; dirs = [ "/$\{name}" ]; }`,
  `{ dirs = [ (builtins.readFile ./role.nix) ]; }`,
  `{ this is not`,
];
const roles = [
  `{ dirs = [ "/role" ]; }`,
  `{ ... }: { on.enable = true; }`,
  `{ lib, ... }: { dirs = lib.mkForce [ "/forced" ]; }`,
];
const homes = [`{ home.persistence."/p".files = [ ".a" ]; }`, `{ ... }: { home.persistence."/p".files = [ ".b" ]; }`];
const imported = [`[ "/imported" ]`, `[ "/other" ]`];

/** Edits files at random; `compare` looks at more than the hosts, at some steps. */
async function editAtRandom(
  seed: number,
  said: readonly string[],
  compare?: (fleet: Fleet, one: Tidemark, fresh: Tidemark) => void,
): Promise<void> {
  const next = random(seed);
  await withFleet((fleet) => {
    for (let step = 0; step < 120; step++) {
      const host = `h${next(hosts.length)}.nix`;
      const [name = host, texts = said] =
        ([[], [], ["role.nix", roles], ["home.nix", homes], ["imported.nix", imported]] as const)[next(5)] ?? [];
      const text = texts[next(texts.length)] ?? "";
      const looks = compare === undefined || step % 3 > 0 ? undefined : compare.bind(null, fleet);
      assert.ok(fleet.evaluatedAfter(name, text, looks) <= hosts.length);
    }
  });
}

test("after any edits hosts and files are as a service says that begins anew", () =>
  editAtRandom(7, choices, ({ root }, one, fresh) => {
    for (const name of Object.keys(files))
      for (const host of [null, "h4"]) {
        const [said, expected] = [one, fresh].map(
          (by) => by.files.get(path.join(root, name), host)?.persistence.blocks,
        );
        assert.deepEqual(said, expected, `${name} of ${host}`);
      }
  }));

test("hosts that ask for one another are as a service says that begins anew", () =>
  editAtRandom(8, [...choices, `{ self, ... }: { dirs = self.nixosConfigurations.h5.config.dirs; }`]));
