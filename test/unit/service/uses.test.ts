import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { declarationsIn } from "../../../server/src/service/declarations";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";

// Elsewhere they are a part of this repository.
const projects = mkdtempSync(path.join(tmpdir(), "uses-"));
after(() => rmSync(projects, { recursive: true, force: true }));
cpSync(path.join(__dirname, "..", "..", "fixtures", "projects"), projects, { recursive: true });

/** The lists of a file of a project, as `tidemark entries` lists them. */
async function lists(project: string, name: string): Promise<string[]> {
  const service = new Tidemark(await grammar(), diskFiles);
  const root = path.join(projects, project);
  service.folders = [root];
  const file = service.files.get(path.join(root, name));
  assert.ok(file !== null);
  const { declarations } = declarationsIn([service.readFile(file)], service.broughtFrom);
  service.dispose();
  return declarations.map(({ list: { storagePath, scope, list }, entries }) => {
    const owner = scope.kind === "system" ? "system" : (scope.user ?? "?");
    return `${storagePath} ${owner} ${list}: ${entries.map(({ path: at, written }) => at ?? written).join(" ")}`;
  });
}

test("a list of a home module that two people have is there for each of them", async () => {
  assert.deepEqual(await lists("home-manager-users", "home/shared.nix"), [
    "/persist ada directories: /home/ada/.ssh /home/ada/.local/share/keyrings",
    "/persist ben directories: /srv/ben/.ssh /srv/ben/.local/share/keyrings",
  ]);
});

test("what one of them does not have is not there for that one", async () => {
  assert.deepEqual(await lists("home-manager-users", "home/shell.nix"), [
    "/persist ada files: /home/ada/.history-vanilla",
    "/persist ben files: /srv/ben/.zsh_history",
  ]);
});

test("a list that the first host switches off is there as the other host has it", async () => {
  assert.deepEqual(await lists("off-on-one-host", "vpn.nix"), [
    "/storage system directories: /var/lib/vpn",
    "/storage kim files: /home/kim/.vpn",
  ]);
});
