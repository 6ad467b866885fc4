import type { HostScan } from "../hosts/model";

/** What a person should know of how far a scan could see. A root below a prefix does not run: that nothing answers there is no news. */
export function scanNotes({ notes, deployed, prefix }: HostScan): readonly string[] {
  return prefix === undefined ? [...notes, ...(deployed?.notes ?? [])] : notes;
}
