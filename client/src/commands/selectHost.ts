import { type HostChoice, ServerCommands } from "../../../server/src/lsp/protocol";
import { pickHost } from "../hosts/picker";
import type { CommandContext } from "./context";
import { requireTrust } from "./trust";

/** Lets the user choose the host of this workspace and remembers it; null when the user left. */
export async function selectHost({ server, memory, log }: CommandContext): Promise<string | null> {
  if (!(await requireTrust())) return null;
  const choices = server.execute<HostChoice[]>(ServerCommands.hosts);
  choices.catch((error: unknown) => log.error("The hosts could not be listed.", error));
  const host = await pickHost(choices, memory.get());
  if (host !== null) await memory.set(host);
  return host;
}
