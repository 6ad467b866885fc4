import type { Connection } from "vscode-languageserver/node";
import { readSettings, type Settings } from "../service/settings";
import type { Tidemark } from "../service/tidemark";
import { uriOf } from "./convert";

/** Settings of clients that send them along: `{ settings: { tidemark: … } }`. */
export function settingsIn(options: unknown): unknown {
  if (typeof options !== "object" || options === null) return undefined;
  const settings = (options as Record<string, unknown>)["settings"];
  if (typeof settings !== "object" || settings === null) return undefined;
  return (settings as Record<string, unknown>)["tidemark"];
}

export function takeSettings(connection: Connection, service: Tidemark, given: unknown): void {
  const { settings, problems } = readSettings(given);
  service.settings = settings;
  for (const problem of problems) connection.console.warn(problem);
}

/**
 * Asks the client for the settings, and for those of each folder of the workspace, which may differ. Whether anything came of it:
 * a client that fails to answer leaves things as they are.
 */
export async function pullSettings(connection: Connection, service: Tidemark): Promise<boolean> {
  const { folders } = service;
  const section = "tidemark";
  try {
    const [general, ...own]: unknown[] = await connection.workspace.getConfiguration([
      { section },
      ...folders.map((folder) => ({ scopeUri: uriOf(folder), section })),
    ]);
    takeSettings(connection, service, general);
    const byFolder = new Map<string, Settings>();
    const wrong = new Set<string>();
    for (const [index, folder] of folders.entries()) {
      // A client that knows no folders answers with less than was asked for.
      if (own[index] === undefined || own[index] === null) continue;
      const { settings, problems } = readSettings(own[index]);
      byFolder.set(folder, settings);
      for (const problem of problems) wrong.add(problem);
    }
    for (const problem of readSettings(general).problems) wrong.delete(problem);
    for (const problem of wrong) connection.console.warn(problem);
    service.folderSettings = byFolder;
    return true;
  } catch (error) {
    connection.console.warn(
      `The settings could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return false;
  }
}
