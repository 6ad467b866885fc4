import { type HostChoice, type HostsArguments, ServerCommands } from "../../../server/src/lsp/protocol";
import { pickHost } from "../hosts/picker";
import type { CommandContext } from "./context";
import { nixFile } from "./nixFile";
import { requireTrust } from "./trust";

/** Lets the user choose the host of this workspace and remembers it; null when the user left. */
export async function selectHost(context: CommandContext): Promise<string | null> {
  if (!(await requireTrust())) return null;
  return choose(context, hostsFor(context));
}

/**
 * The host to work with: the selected one, unless the file the user looks at belongs to other hosts alone; then, and where none is
 * selected, the user chooses. Null when the user left.
 */
export async function hostToUse(context: CommandContext): Promise<string | null> {
  const selected = context.memory.get();
  if (selected === null) return selectHost(context);
  const choices = hostsFor(context);
  const known = await choices.catch(() => []);
  const isOther =
    known.some(({ ofFile }) => ofFile) &&
    known.some(({ name, ofFile, source }) => name === selected && source === "configuration" && !ofFile);
  return isOther ? choose(context, choices) : selected;
}

function hostsFor({ server, log }: CommandContext): Promise<HostChoice[]> {
  const uri = nixFile();
  const argument: HostsArguments = uri === null ? {} : { uri };
  const choices = server.execute<HostChoice[]>(ServerCommands.hosts, argument);
  choices.catch((error: unknown) => log.error("The hosts could not be listed.", error));
  return choices;
}

async function choose({ memory }: CommandContext, choices: Promise<HostChoice[]>): Promise<string | null> {
  const host = await pickHost(choices, memory.get());
  if (host !== null) await memory.set(host);
  return host;
}
