import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";

const folder = mkdtempSync(path.join(tmpdir(), "undecided-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a function that is looked into, not called, is read as what its host calls it with", async () => {
  const file = path.join(folder, "modules.nix");
  writeFileSync(
    path.join(folder, "flake.nix"),
    `{ outputs = { nixpkgs, hardware, ... }: {
  nixosConfigurations.juni = nixpkgs.lib.nixosSystem { modules = [ (import ./modules.nix hardware) ]; };
}; }`,
  );
  writeFileSync(
    file,
    `hardware: let
  own = { config, lib, ... }: { environment.persistence."/p".directories = lib.optional (config.networking.hostName == "juni") "/own"; };
in {
  imports = [ own (if hardware.x then hardware.nixosModules.common else own) ];
  networking.hostName = "juni";
}`,
  );
  const service = new Tidemark(await grammar(), diskFiles);
  service.folders = [folder];
  const read = service.files.get(file);
  service.dispose();
  const entries = read?.persistence.blocks.flatMap(({ lists }) => lists.flatMap((list) => list.entries)) ?? [];
  assert.deepEqual(
    entries.map(({ path: at, conditional }) => `${at}${conditional ? "?" : ""}`),
    ["/own"],
  );
});
