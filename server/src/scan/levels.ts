import type { Home } from "./homes";

/** How a folder is treated: only looked into; looked into as a cache; or taken as one thing. */
export type Level = "container" | "cache" | "unit";

/** Folders that are shared by many programs: never proposed themselves. */
const systemContainers: ReadonlySet<string> = new Set([
  "/",
  "/boot",
  "/etc",
  "/etc/NetworkManager",
  "/etc/ssh",
  "/home",
  "/media",
  "/mnt",
  "/opt",
  "/srv",
  "/usr",
  "/usr/local",
  "/var",
  "/var/cache/private",
  "/var/db",
  "/var/lib",
  "/var/lib/containers",
  "/var/lib/containers/storage",
  "/var/lib/private",
  "/var/lib/systemd",
  "/var/spool",
]);
const homeContainers: ReadonlySet<string> = new Set(["", ".config", ".local", ".local/share", ".local/state", ".var"]);

/**
 * The level of the folder `path`.
 * @param home the home it lies in or is, else null.
 * @param aboveHomes every folder that has a home below it.
 */
export function levelOf(path: string, home: Home | null, aboveHomes: ReadonlySet<string>): Level {
  if (path === "/var/cache") return "cache";
  if (systemContainers.has(path) || aboveHomes.has(path)) return "container";
  if (home === null) return "unit";
  const relative = path === home.path ? "" : path.slice(home.path.length + 1);
  if (relative === ".cache") return "cache";
  return homeContainers.has(relative) ? "container" : "unit";
}

/** Every folder strictly above one of `paths`. */
export function ancestorsOf(paths: Iterable<string>): Set<string> {
  const above = new Set<string>();
  for (const path of paths) {
    for (let at = path; at !== "" && at !== "/"; ) {
      at = at.slice(0, at.lastIndexOf("/"));
      const folder = at === "" ? "/" : at;
      if (above.has(folder)) break;
      above.add(folder);
    }
  }
  return above;
}
