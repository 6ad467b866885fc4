import type { HostScan, HostUser, NodeId } from "../hosts/model";
import { adviceBelow, lookup } from "../knowledge/advice";
import { noisePaths } from "../knowledge/noise";
import { joinPath } from "./find";
import { type Home, homesOf, peopleAmong } from "./homes";
import { ancestorsOf, levelOf } from "./levels";

/** Whether a folder of the root may hold what `knownState` tells of: what the catalog knows, or homes. */
export function mayHoldState(folder: string, users: readonly HostUser[]): boolean {
  const homes = peopleAmong(users).map(({ home }) => home);
  return folder === "/home" || adviceBelow(folder, null) || homes.includes(folder) || ancestorsOf(homes).has(folder);
}

/**
 * The paths of a scan under way that the catalog knows to hold state, in the folders many programs share. It says what is there, not what
 * will be lost: what it holds, whether it came back at boot and whether it is persisted is not known before all is read.
 */
export function knownState(scan: Pick<HostScan, "tree" | "users">): string[] {
  const { tree } = scan;
  const homes = new Map(homesOf(scan).map((home) => [home.path, home]));
  const above = ancestorsOf([...homes.keys()].filter((path) => path !== "/root"));
  const found: string[] = [];
  const waiting: { readonly node: NodeId; readonly path: string; readonly home: Home | null }[] = [
    { node: tree.root, path: "/", home: null },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const node of tree.children(next.node)) {
      const type = tree.type(node);
      if ((type !== "directory" && type !== "file") || tree.status(node) === "lost") continue;
      const path = joinPath(next.path, tree.name(node));
      // What NixOS makes at each boot is no state, whatever the catalog has to say of it.
      if (noisePaths.has(path)) continue;
      const home = homes.get(path) ?? next.home;
      if (type === "directory" && levelOf(path, home, above) === "container") waiting.push({ node, path, home });
      else {
        const advice = lookup(path, home?.path ?? null);
        if (advice?.exact && (advice.persist === "required" || advice.persist === "recommended")) found.push(path);
      }
    }
  }
  return found.sort();
}
