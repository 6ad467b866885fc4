import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { declarationsIn } from "../../../server/src/service/declarations";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";

const projects = path.join(__dirname, "..", "..", "fixtures", "projects");

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

test("a data file that hosts bring to several people is there for each", async () => {
  const found = await lists("shared-persistence-fleet", "flakes/impermanence/shared_persistence/essentials.nix");
  assert.deepEqual(
    found.filter((one) => one.includes(".ssh")),
    [],
  );
});
