import { readdirSync, readFileSync } from "node:fs";

/** Ids of processes whose command line has both texts. */
export function processesWith(one: string, other: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      const line = commandLine(id);
      return line.includes(one) && line.includes(other);
    })
    .map(Number);
}

function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    // It ended since the folder was read.
    return "";
  }
}
