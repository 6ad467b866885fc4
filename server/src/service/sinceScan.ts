import type { HostScan } from "../hosts/model";
import { driftBetween } from "../scan/compareScans";

/** What a second scan of a host found that is not as at the one before, for people; null where they are of two roots. */
export function sinceScan(before: HostScan, after: HostScan, earlier = "last"): string | null {
  const drift = driftBetween(before, after);
  if (drift === null) return null;
  const { paths, mounts, rebooted } = drift;
  const parts = [
    ...(paths === 0 ? [] : [paths === 1 ? "1 path differs" : `${paths.toLocaleString("en")} paths differ`]),
    ...(mounts === 0 ? [] : [`${mounts} ${mounts === 1 ? "mount" : "mounts"} came or went`]),
  ];
  const what = parts.length === 0 ? "Nothing changed" : parts.join(" and ");
  return `${what} since the ${earlier} scan${rebooted === true ? ", before a reboot" : ""}`;
}
