import type { HostScan, NodeId } from "../hosts/model";
import { type NoiseReason, noiseByTarget } from "../knowledge/noise";
import type { Kept } from "./kept";

/**
 * What a symbolic link is: a link alone holds nothing, so it is always folded away.
 * @param path the link's own absolute path.
 */
export function linkReason(scan: HostScan, node: NodeId, path: string, kept: Kept): NoiseReason {
  const target = scan.tree.target(node) ?? "";
  const managed = noiseByTarget(target);
  if (managed !== null) return managed;
  const folder = path.slice(0, path.lastIndexOf("/"));
  const absolute = resolve(folder, target);
  if (kept.at(absolute)) return "storage";
  if (/^\/(?:run|proc|dev|sys)(?:\/|$)/.test(absolute)) return "boot";
  // `profile` → `profile-1-link` → store
  const next = scan.tree.find(absolute);
  if (next !== null && scan.tree.type(next) === "symlink") return noiseByTarget(scan.tree.target(next) ?? "") ?? "link";
  return "link";
}

/** `target` of a link in `folder` as an absolute path without `.` and `..`. */
function resolve(folder: string, target: string): string {
  const parts: string[] = [];
  for (const part of (target.startsWith("/") ? target : `${folder}/${target}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
