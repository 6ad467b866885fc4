import type { HostScan, Mount } from "../hosts/model";
import { surveyOf } from "./survey";

/** What a scanned host has at a path. */
export type Seen =
  /** It is a mount of its own, or lies in one; `from` is where that comes from (`@persist/var/log on /dev/sda2`). */
  | { readonly kind: "mounted"; readonly at: string; readonly from: string }
  | { readonly kind: "link"; readonly target: string }
  /** It lies on the root itself. Owner by name, mode in octal. */
  | {
      readonly kind: "there";
      readonly bytes: number;
      readonly files: number;
      readonly user: string;
      readonly group: string;
      readonly mode: string;
    }
  | { readonly kind: "absent" };

/** Looks a path up in a scan: absolute and normalised. Null where the scan cannot tell. */
export function seenOn(scan: HostScan, path: string): Seen | null {
  const mount = mountOf(scan, path);
  if (mount !== null) return { kind: "mounted", at: mount.mountPoint, from: `${mount.root} on ${mount.source}` };
  const { tree } = scan;
  const node = tree.find(path);
  if (node === null || tree.status(node) === "lost") return isRead(scan, path) ? { kind: "absent" } : null;
  if (tree.type(node) === "symlink") return { kind: "link", target: tree.target(node) ?? "" };
  const { bytes, files } = surveyOf(scan).totals(node);
  const uid = tree.uid(node);
  const gid = tree.gid(node);
  const user = uid === 0 ? "root" : (scan.users.find((one) => one.uid === uid)?.name ?? String(uid));
  const group = gid === 0 ? "root" : (scan.groups.get(gid) ?? String(gid));
  return { kind: "there", bytes, files, user, group, mode: tree.mode(node) };
}

/** The mount that `path` is or lies in; null where that is the root or wiped at boot like it. */
function mountOf({ mounts, ephemeralMounts }: HostScan, path: string): Mount | null {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    // Of several mounts on one place the last one hides the others.
    const mount = mounts.findLast(({ mountPoint }) => mountPoint === at);
    if (mount !== undefined) return at === "/" || ephemeralMounts.includes(at) ? null : mount;
  }
  return null;
}

/** Whether the nearest folder above that exists was read: only then is a path known not to be there. */
function isRead({ tree }: HostScan, path: string): boolean {
  for (let at = path.slice(0, path.lastIndexOf("/")); ; at = at.slice(0, at.lastIndexOf("/"))) {
    const node = tree.find(at === "" ? "/" : at);
    if (node !== null) return !tree.unread(node);
    if (at === "") return false;
  }
}
