import path from "node:path";
import type { Entry, StorageBlock } from "../../../server/src/persistence/model";
import { diskFiles } from "../../../server/src/service/diskFiles";
import { ProjectEvaluation } from "../../../server/src/service/projectEvaluation";
import { ProjectFiles } from "../../../server/src/service/projectFiles";
import { Trees } from "../../../server/src/service/trees";
import { grammar } from "../../support/grammar";
import type { HostEntries, OurRow } from "./row";

/** What Tidemark says the hosts of the project in `folder` (an absolute path) keep, by the names the judge gives the hosts. */
export async function entriesOfHosts(folder: string): Promise<ReadonlyMap<string, HostEntries>> {
  const files = new ProjectFiles(new Trees(await grammar()), diskFiles, folder, () => null);
  const all = diskFiles.nixFiles(folder, 1000);
  const model = new ProjectEvaluation(folder, files, all, null, false).model();
  const result = new Map<string, HostEntries>();
  const named = ["flake.nix", "default.nix"].some((file) => all.includes(path.join(folder, file)));
  for (const { name, storages, unknown } of model.hosts) {
    const parts = storages.flatMap((block) => [...block.unknown, ...block.lists.flatMap((list) => list.unknown)]);
    const own = path.basename(folder) === name ? "configuration.nix" : `hosts/${name}/configuration.nix`;
    result.set(named ? name : own, {
      rows: storages.filter((block) => block.enabled).flatMap(rowsOf),
      unknown: [...unknown, ...parts.map(({ reason }) => ({ reason }))],
    });
  }
  model.dispose();
  return result;
}

/** An entry may name a storage path of its own. */
function ownStorage({ settings }: Entry): string | null {
  const given = settings.find(({ name }) => name.name === "persistentStoragePath")?.value;
  return given?.kind === "string" ? given.text : null;
}

function rowsOf(block: StorageBlock): OurRow[] {
  return block.lists.flatMap((list) =>
    list.entries.map(
      (entry): OurRow => ({
        module: list.module,
        storage: ownStorage(entry) ?? list.storagePath ?? "?",
        scope: list.scope.kind === "system" ? "system" : `user:${list.scope.user}`,
        list: list.list,
        kind: entry.kind,
        path: entry.path ?? `? ${entry.written}`,
        user: entry.user,
        group: entry.group,
        mode: entry.mode,
        conditional: entry.conditional || list.conditional || block.conditional,
      }),
    ),
  );
}
