/** Paths on a host: absolute, `/`-separated. */

/** Collapses doubled slashes and drops a trailing one, as the modules do before they compare. `/` stays. */
export function normalise(path: string): string {
  const collapsed = path.replace(/\/{2,}/g, "/");
  return collapsed.length > 1 ? collapsed.replace(/\/$/, "") : collapsed;
}

/** `path` below `base`, as the modules join them: by text, so an absolute path lands below the home directory too. */
export function join(base: string, path: string): string {
  return normalise(`${base}/${path}`);
}

/** True when `path` lies strictly below `parent`. */
export function isBelow(path: string, parent: string): boolean {
  return parent === "/" ? path !== "/" : path.startsWith(`${parent}/`);
}

/** Home directory of a user where the configuration does not say otherwise: NixOS's default. */
export function defaultHome(user: string): string {
  return user === "root" ? "/root" : `/home/${user}`;
}

/** A user's home directory where nothing tells it. It is only compared with itself. */
export const unknownHome = "/home/<user>";

/** What nearly every host with an ephemeral root keeps: a block with one of these, or something below it, sets up the host. */
export const usualSystemPaths = ["/var/lib/nixos", "/var/lib/systemd", "/var/log", "/etc/machine-id", "/etc/ssh"];
