import type { HostEntries } from "./row";

/** Why nothing can be compared yet; null once `entriesOfHosts` asks the analysis. */
export const missing: string | null = "the analysis across files is not connected to these projects yet";

/** What Tidemark says the hosts of the project in `folder` (an absolute path) keep, by the names the judge gives the hosts. */
export async function entriesOfHosts(folder: string): Promise<ReadonlyMap<string, HostEntries>> {
  throw new Error(`${missing}: ${folder}`);
}
