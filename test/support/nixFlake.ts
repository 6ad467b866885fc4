import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Why tests with the real Nix cannot run here; false where they can. For `skip` of a test. */
export const noNix = spawnSync("nix", ["--version"]).status === 0 ? false : "there is no nix on the PATH";

/** The fixture flake in a folder of a test's own, with a store and a home of its own: nothing of the user's is read or written. */
export interface NixFlake {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  file(name: string): string;
  remove(): void;
}

/** `name` is the folder's. */
export function nixFlake(name = "fleet with spaces #1"): NixFlake {
  const home = mkdtempSync(path.join(tmpdir(), "tidemark-evaluation-"));
  const folder = path.join(home, name);
  cpSync(path.join(__dirname, "..", "fixtures", "evaluation"), folder, { recursive: true });
  mkdirSync(path.join(home, "state"));
  return {
    folder,
    environment: {
      ...process.env,
      HOME: home,
      XDG_STATE_HOME: path.join(home, "state"),
      XDG_CACHE_HOME: path.join(home, "cache"),
      XDG_CONFIG_HOME: path.join(home, "config"),
      // Flakes are copied to a store. One below a folder of ours needs no daemon and no rights.
      NIX_REMOTE: path.join(home, "nix"),
    },
    file: (inside) => path.join(folder, inside),
    remove() {
      // What is in a store is read-only, folders too.
      spawnSync("chmod", ["-R", "u+w", home]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
