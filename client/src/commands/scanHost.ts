import { type ScanArguments, type ScanOutcome, ServerCommands } from "../../../server/src/lsp/protocol";
import type { CommandContext } from "./context";
import { showFailure } from "./failure";
import { nixFile } from "./nixFile";
import { hostToUse } from "./selectHost";
import { requireTrust } from "./trust";

/**
 * Scans the selected host, asking for one first where none is selected. What comes out of it shows in the editor and in the
 * status item; failures on the way to the host are shown by the server.
 */
export async function scanHost(context: CommandContext): Promise<void> {
  if (!(await requireTrust())) return;
  const host = await hostToUse(context);
  if (host === null) return;
  const uri = nixFile();
  const scan: ScanArguments = uri === null ? { host } : { host, uri };
  try {
    const outcome = await context.server.execute<ScanOutcome>(ServerCommands.scan, scan);
    const since = outcome.since === null ? "" : ` ${outcome.since}.`;
    if (outcome.ok) context.log.info(`Scan of ${host}: ${outcome.recommended} paths worth persisting.${since}`);
  } catch (error) {
    await showFailure(context.log, `The scan of ${host} could not run.`, error);
  }
}
