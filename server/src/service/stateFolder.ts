import { homedir } from "node:os";
import path from "node:path";

/** The folder for what Tidemark remembers on this machine (accepted host keys), by the XDG base directory rules. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment["XDG_STATE_HOME"];
  return path.join(base && path.isAbsolute(base) ? base : path.join(homedir(), ".local", "state"), "tidemark");
}
