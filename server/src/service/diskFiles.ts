import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import type { FileAccess } from "./fileStore";
import { isLeftOut } from "./leftOut";

/** Larger files are data, not configuration; reading them would only cost memory. */
const maximumBytes = 20_000_000;

/** The real disk. Never throws: what cannot be read is not there. */
export const diskFiles: FileAccess = {
  stamp(name) {
    if (!path.isAbsolute(name)) return null;
    const stat = statOf(name);
    return stat?.isFile() && stat.size <= maximumBytes ? `${stat.mtimeMs}:${stat.size}` : null;
  },
  read(name) {
    try {
      return readFileSync(name, "utf8");
    } catch {
      return null;
    }
  },
  kind(name) {
    if (!path.isAbsolute(name)) return null;
    const stat = statOf(name);
    return stat?.isFile() ? "file" : stat?.isDirectory() ? "folder" : null;
  },
  real(name) {
    try {
      return realpathSync.native(name);
    } catch {
      return null;
    }
  },
  list(folder) {
    return entriesOf(folder).flatMap((entry) => {
      const kind = entry.isDirectory() ? "folder" : entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : null;
      return kind === null ? [] : [{ name: entry.name, kind } as const];
    });
  },
  nixFiles(folder, limit) {
    const found: string[] = [];
    const pending = [folder];
    let folders = Math.max(50, limit * 5);
    for (let at = pending.shift(); at !== undefined && found.length < limit && folders > 0; at = pending.shift()) {
      folders--;
      for (const entry of entriesOf(at)) {
        if (isLeftOut(entry.name)) continue;
        const full = at.endsWith(path.sep) ? at + entry.name : at + path.sep + entry.name;
        if (entry.isDirectory()) pending.push(full);
        else if (entry.isFile() && entry.name.endsWith(".nix")) found.push(full);
      }
    }
    return found.slice(0, limit);
  },
};

function statOf(name: string) {
  try {
    return statSync(name, { throwIfNoEntry: false });
  } catch {
    return undefined; // below a file, or not allowed
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
