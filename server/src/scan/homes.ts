import type { HostScan, HostUser } from "../hosts/model";

/** A folder that is laid out like a home directory. `user` is null for root's and for those that belong to nobody known. */
export interface Home {
  readonly path: string;
  readonly user: HostUser | null;
}

/** Ids of ordinary people on NixOS and elsewhere begin here; 65534 is `nobody`. */
const firstPerson = 1000;
const nobody = 65_534;
/** Homes below these are the state of services, whatever their user's id. */
const notForPeople = /^\/(?:var|etc|run|nix|proc|sys|dev|tmp|boot|srv)(?:\/|$)/;

/** Those of the users who are people with a home of their own. */
export function peopleAmong(users: readonly HostUser[]): readonly HostUser[] {
  return users.filter(
    ({ uid, home }) => uid >= firstPerson && uid !== nobody && /^(?:\/[^/]+)+$/s.test(home) && !notForPeople.test(home),
  );
}

/** The homes of people, root's, and folders in `/home` whose user is gone. Each path once. */
export function homesOf(scan: Pick<HostScan, "tree" | "users">): readonly Home[] {
  const homes = new Map<string, Home>();
  for (const user of peopleAmong(scan.users)) {
    if (user.home !== "/home" && user.home !== "/root" && !homes.has(user.home))
      homes.set(user.home, { path: user.home, user });
  }
  homes.set("/root", { path: "/root", user: null });
  const parent = scan.tree.find("/home");
  for (const node of parent === null ? [] : scan.tree.children(parent)) {
    const path = `/home/${scan.tree.name(node)}`;
    if (scan.tree.type(node) === "directory" && !homes.has(path)) homes.set(path, { path, user: null });
  }
  return [...homes.values()];
}
