import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";

const folder = mkdtempSync(path.join(tmpdir(), "own-option-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const flake = `{
  outputs = { nixpkgs, home-manager, impermanence, ... }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./host.nix ]; };
  };
}
`;

/** The findings of a repository's host.nix as `code line`, and what its host persists. */
async function read(name: string, files: Readonly<Record<string, string>>) {
  const root = path.join(folder, name);
  mkdirSync(root);
  for (const [file, text] of Object.entries({ "flake.nix": flake, ...files }))
    writeFileSync(path.join(root, file), text);
  const service = new Tidemark(await grammar(), diskFiles);
  service.folders = [root];
  const host = path.join(root, "host.nix");
  const text = files["host.nix"] ?? "";
  const found = service
    .findings(host)
    .filter(({ level }) => level === "error")
    .map(({ code, span }) => `${code} ${text.slice(0, span.start).split("\n").length}`);
  const persisted = service.projects
    .hostsIn(root)
    .flatMap(({ storages }) =>
      storages.flatMap(({ module, storagePath, conditional, lists }) =>
        lists.flatMap(({ entries }) =>
          entries.map((entry) => `${module} ${storagePath} ${entry.path}${conditional ? " ?" : ""}`),
        ),
      ),
    );
  service.dispose();
  return { found, persisted };
}

const wrapper = `{ config, lib, ... }:
{
  home-manager.users.kim = {
    options.home.persistence = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule {
        options.directories = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
        options.keep = lib.mkOption { type = lib.types.bool; default = true; };
      });
    };
    config.home.persistence."/state" = {
      keep = true;
      directories = [
        "Documents"
        AGAIN
      ];
    };
  };
  environment.persistence = lib.mapAttrs (_: storage: {
    users.kim.directories = map (directory: { inherit directory; mode = "0700"; }) storage.directories;
  }) config.home-manager.users.kim.home.persistence;
}
`;

describe("an option of a persistence module that the repository declares itself", () => {
  test("what a wrapper hands on to impermanence is there once, and takes options of its own", async () => {
    const { found, persisted } = await read("wrapper", { "host.nix": wrapper.replace("AGAIN", "") });
    assert.deepEqual(found, []);
    assert.deepEqual(persisted, ["impermanence /state /home/kim/Documents"]);
  });

  test("what it hands on twice is still an error", async () => {
    const { found } = await read("twice", { "host.nix": wrapper.replace("AGAIN", '"Documents"') });
    assert.deepEqual(found, ["duplicate-path 14"]);
  });

  test("without that declaration it is impermanence's, which brings it into the same lists: handed on it is twice there", async () => {
    const text = wrapper
      .replace(/ {4}options\.home[\s\S]*?\n {4}\};\n/, "")
      .replace('{ inherit directory; mode = "0700"; }', "directory")
      .replace("keep = true;", "")
      .replace("AGAIN", "");
    const { found } = await read("real", { "host.nix": text });
    assert.deepEqual(found, ["duplicate-path 7"]);
  });

  test("with both options of its own nothing that either has is dropped", async () => {
    const { persisted } = await read("both", {
      "host.nix": `{ lib, ... }:
let any = lib.mkOption { type = lib.types.attrsOf (lib.types.attrsOf lib.types.anything); default = { }; };
in {
  options.environment.persistence = any;
  config.environment.persistence."/persist".directories = [ "/srv" ];
  config.home-manager.users.kim = { options.home.persistence = any; config.home.persistence."/persist".files = [ "a" ]; };
}
`,
    });
    assert.deepEqual(persisted, ["impermanence /persist /srv ?", "home-manager /persist /home/kim/a ?"]);
  });

  test("options that are added to impermanence's are taken, and all else is as it says", async () => {
    const { found, persisted } = await read("more", {
      "host.nix": `{ lib, ... }:
{
  options.environment.persistence = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule ({ config, ... }: {
      options.services = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
      config.directories = map (name: "/var/lib/\${name}") config.services;
    }));
  };
  config.environment.persistence."/persist" = {
    services = [ "hydra" ];
    directories = [ "/srv" "/srv" ];
  };
}
`,
    });
    assert.deepEqual(found, ["duplicate-path 11"]);
    assert.deepEqual(persisted.sort(), [
      "impermanence /persist /srv",
      "impermanence /persist /srv",
      "impermanence /persist /var/lib/hydra",
    ]);
  });

  test("a module in impermanence's stead takes what it declares, and what it does with a path is not known", async () => {
    const { found, persisted } = await read("stead", {
      "host.nix": `{ lib, ... }:
{
  options.environment.persistence = lib.mkOption { type = lib.types.attrsOf (lib.types.attrsOf (lib.types.listOf lib.types.str)); };
  config.environment.persistence."/persist".mounts = [ "/var/lib/hydra" ];
  config.environment.persistence."/persist".directories = [ "/srv" "/srv" ];
}
`,
    });
    assert.deepEqual(found, []);
    assert.deepEqual(persisted, ["impermanence /persist /srv ?", "impermanence /persist /srv ?"]);
  });
});
