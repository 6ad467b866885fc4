import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";

const root = mkdtempSync(path.join(tmpdir(), "shared-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** What is said of `shared.nix`, which two hosts have; `a` and `b` are the rest of them. */
async function saidOfShared(shared: string, a: string, b: string): Promise<string[]> {
  const host = (own: string) => `nixpkgs.lib.nixosSystem { modules = [ ./shared.nix ./${own} ]; }`;
  const files = {
    "flake.nix": `{ outputs = { nixpkgs, ... }: { nixosConfigurations = { a = ${host("a.nix")}; b = ${host("b.nix")}; }; }; }`,
    "shared.nix": shared,
    "a.nix": a,
    "b.nix": b,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
  const service = new Tidemark(await grammar(), diskFiles);
  service.folders = [root];
  for (const name of Object.keys(files)) service.files.get(path.join(root, name));
  const codes = service.findings(path.join(root, "shared.nix")).map(({ code }) => code);
  service.dispose();
  return codes.filter((code) => ["covered-by-parent", "disabled-storage"].includes(code));
}

test("an entry is one too many only where each host has the parent", async () => {
  const persist = (path: string) => `{ environment.persistence."/persist".directories = [ "${path}" ]; }`;
  const [child, parent] = [persist("/var/lib/systemd/timers"), persist("/var/lib/systemd")];
  assert.deepEqual(await saidOfShared(child, parent, parent), ["covered-by-parent"]);
  assert.deepEqual(await saidOfShared(child, parent, "{ }"), []);
});

test("an entry that a host switches on is not one too many for the hosts without it", async () => {
  const shared = `{ config, lib, ... }: {
    options.keep = { timers = lib.mkEnableOption ""; systemd = lib.mkEnableOption ""; };
    config = lib.mkMerge [
      (lib.mkIf config.keep.timers { environment.persistence."/persist".directories = [ "/var/lib/systemd/timers" ]; })
      (lib.mkIf config.keep.systemd { environment.persistence."/persist".directories = [ "/var/lib/systemd" ]; })
    ];
  }`;
  assert.deepEqual(await saidOfShared(shared, "{ keep.systemd = true; }", "{ keep.timers = true; }"), []);
});

test("a storage is switched off only where no host switches it on", async () => {
  const shared = `{ config, lib, ... }: {
    options.keep.enable = lib.mkEnableOption "";
    config.environment.persistence."/persist" = { inherit (config.keep) enable; directories = [ "/var/log" ]; };
  }`;
  assert.deepEqual(await saidOfShared(shared, "{ }", "{ }"), ["disabled-storage"]);
  assert.deepEqual(await saidOfShared(shared, "{ }", "{ keep.enable = true; }"), []);
});

test("preservation is switched off only for the host that says so", async () => {
  const shared = '{ preservation.preserveAt."/persist".directories = [ "/var/log" ]; }';
  const on = "{ preservation.enable = true; }";
  assert.deepEqual(await saidOfShared(shared, "{ preservation.enable = false; }", on), []);
});
