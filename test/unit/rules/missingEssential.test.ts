import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFile } from "../../../server/src/rules";
import { contextOf } from "./support";

async function missing(files: Readonly<Record<string, string>>, whole: boolean): Promise<string[]> {
  const found = checkFile(await contextOf(files, whole));
  return found
    .filter(({ code }) => code === "missing-essential")
    .map(({ message }) => /"([^"]+)"/.exec(message)?.[1] ?? "");
}

const block = (entries: string, imports = "") =>
  `{ inputs, modulesPath, ... }: { ${imports} environment.persistence."/persist" = { directories = [ ${entries} ]; files = [ ]; }; }`;

test("a module that persists one usual path may be one of many: nothing is missing for sure", async () => {
  for (const entry of ['"/var/log"', '"/etc/ssh"', '"/var/lib/systemd/coredump" "/srv"']) {
    assert.deepEqual(await missing({ "log.nix": block(entry) }, false), [], entry);
    assert.notDeepEqual(await missing({ "configuration.nix": block(entry) }, true), [], entry);
  }
});

test("a base list in a file of its own gets the warning, not the hints", async () => {
  assert.deepEqual(await missing({ "a.nix": block('"/var/log" "/var/lib/systemd"') }, false), ["/var/lib/nixos"]);
  assert.deepEqual(await missing({ "a.nix": block('"/var/log" "/var/lib/nixos"') }, false), []);
});

test("imports of this repository that are not understood keep it silent, modules of others do not", async () => {
  const base = '"/var/log" "/var/lib/systemd"';
  for (const imports of [
    "lib.filesystem.listFilesRecursive ./mods",
    "[ (import ./x.nix { }) ]",
    "[ self.nixosModules.base ]",
    "[ inputs.self.nixosModules.base ]",
    "map f [ ./a ]",
  ])
    assert.deepEqual(await missing({ "a.nix": block(base, `imports = ${imports};`) }, true), [], imports);
  for (const imports of [
    "[ inputs.impermanence.nixosModules.impermanence ]",
    '[ (modulesPath + "/installer/scan.nix") ]',
    '[ "${modulesPath}/x.nix" ]',
    "[ <nixpkgs/x> ]",
    "[ ]",
  ])
    assert.deepEqual(
      await missing({ "a.nix": block(base, `imports = ${imports};`) }, false),
      ["/var/lib/nixos"],
      imports,
    );
});
