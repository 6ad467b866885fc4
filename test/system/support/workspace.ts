import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export interface Workspace {
  readonly folder: string;
  /** The file with juni's persistence, inside `folder`. */
  readonly hostFile: string;
  remove(): void;
}

/** A copy of the small flake whose host `juni` is the one that `startEphemeralHost` starts. */
export function copyWorkspace(): Workspace {
  // The editor shows the folder's name.
  const parent = mkdtempSync(path.join(os.tmpdir(), "tidemark-flake-"));
  const folder = path.join(parent, "dotfiles");
  cpSync(path.join(__dirname, "../flake"), folder, { recursive: true });
  return {
    folder,
    hostFile: path.join(folder, "hosts/juni/impermanence.nix"),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}
