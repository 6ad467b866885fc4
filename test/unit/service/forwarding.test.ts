import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import type { StorageBlock } from "../../../server/src/persistence/model";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { Tidemark } from "../../../server/src/service/tidemark";
import { grammar } from "../../support/grammar";

const folder = mkdtempSync(path.join(tmpdir(), "forwarding-"));
after(() => rmSync(folder, { recursive: true, force: true }));
cpSync(path.join(__dirname, "..", "..", "fixtures", "projects"), folder, { recursive: true });

async function lists(project: string, file: string): Promise<string[]> {
  const service = new Tidemark(await grammar(), diskFiles);
  const root = path.join(folder, project);
  service.folders = [root];
  const read = service.files.get(path.join(root, file));
  service.dispose();
  return (read?.persistence.blocks ?? []).filter((block) => block.forwarded === true).flatMap(described);
}

function described({ lists: all, storagePath }: StorageBlock): string[] {
  return all.map(({ scope, list, entries }) => {
    const owner = scope.kind === "system" ? "system" : (scope.user ?? "?");
    return `${storagePath} ${owner} ${list}: ${entries.map(({ path: at, written }) => at ?? written).join(" ")}`;
  });
}

test("a data file that hosts merge is known as the lists it becomes", async () => {
  assert.deepEqual(await lists("shared-persistence-fleet", "flakes/impermanence/shared_persistence/essentials.nix"), [
    "/persist system directories: /var/log /var/lib/nixos /var/lib/systemd",
    "/persist system files: /etc/machine-id /etc/ssh/ssh_host_ed25519_key",
    "/persist ? directories: .ssh",
  ]);
});

test("an option of the project's own is known as the storage it is forwarded to", async () => {
  assert.deepEqual(await lists("wrapper-forwarded", "configuration.nix"), [
    "/persist system directories: /var/lib/box",
    "/persist kim directories: /home/kim/Documents",
    "/persist system directories: /var/lib/extra /var/log",
  ]);
});

test("a list whose elements are changed on the way is not", async () => {
  assert.deepEqual(await lists("option-defaults-and-apply", "set.nix"), []);
});
