import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

/** Where a program lies on PATH, or null. */
export function which(name) {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter).filter(path.isAbsolute)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
