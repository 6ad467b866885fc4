import type { CommandContext } from "./context";
import { showFailure } from "./failure";

/** Ends the server and starts another; scans are forgotten with it. Several calls at once end in one restart. */
export async function restartServer({ server, log }: Pick<CommandContext, "server" | "log">): Promise<void> {
  try {
    await server.restart();
  } catch (error) {
    await showFailure(log, "Tidemark's server did not start.", error);
  }
}
