import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { flake, hostModule, hostPart, hostTable, importing } from "./hosts";
import { homeModule, packageFile, serviceModule, wrapper } from "./modules";

/** How large a repository is made. */
export interface Size {
  readonly files: number;
  readonly hosts: number;
  /** Files that belong to hosts, of all files. */
  readonly modules: number;
}

const parts = ["hardware", "disks", "network", "backup"];

/**
 * Writes a repository of many hosts that one function makes: modules that all of them import and few switch on, a wrapper around
 * impermanence, a Home Manager user, and packages that have nothing to do with it. The same for the same size. Returns the files.
 */
export function writeRepository(root: string, size: Size): string[] {
  const files = textsOf(size);
  const folders = new Set([...files.keys()].map((name) => path.dirname(name)));
  mkdirSync(path.join(root, ".git"), { recursive: true });
  for (const folder of folders) mkdirSync(path.join(root, folder), { recursive: true });
  for (const [name, text] of files) writeFileSync(path.join(root, name), text);
  return [...files.keys()].map((name) => path.join(root, name));
}

/** How many roles there are, and how many of them a host has. */
const roles = 12;
const rolesOfHost = 3;

/** The texts by name. */
export function textsOf({ files: count, hosts, modules }: Size): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const shared = modules - hosts * (parts.length + 1) - roles - 5;
  const homes = Math.floor(shared / 8);
  const groups = groupsOf(shared - homes);
  const hostRoles = new Map(
    Array.from({ length: hosts }, (_, index) => [
      `host-${index}`,
      Array.from({ length: rolesOfHost }, (_none, at) => `role-${(index * 5 + at * 3) % roles}`),
    ]),
  );
  files.set("flake.nix", flake);
  files.set("hosts/default.nix", hostTable(hostRoles));
  for (const [index, [name, own]] of [...hostRoles].entries()) {
    const offered = ["common", ...own].flatMap((role) => groups.get(role) ?? []);
    const enabled = offered.filter((_, at) => (at * 7 + index) % 6 === 0);
    files.set(`hosts/${name}/default.nix`, hostModule(parts, enabled));
    for (const part of parts) files.set(`hosts/${name}/${part}.nix`, hostPart(part, index));
  }
  for (const [group, services] of groups) {
    const own = group === "common" ? ["persist.nix"] : [];
    files.set(`modules/${group}/default.nix`, importing([...own, ...services.map((name) => `${name}.nix`)]));
    for (const name of services)
      files.set(`modules/${group}/${name}.nix`, serviceModule(name, Number(name.slice("service-".length))));
  }
  files.set("modules/common/persist.nix", wrapper);
  const programs = Array.from({ length: homes }, (_, index) => `program-${index}`);
  files.set("home/default.nix", importing(programs.map((name) => `${name}.nix`)));
  for (const [index, name] of programs.entries()) files.set(`home/${name}.nix`, homeModule(name, index));
  for (let index = 0; files.size < count; index++)
    files.set(`pkgs/group-${index % 40}/package-${index}/default.nix`, packageFile(`package-${index}`, index));
  return files;
}

/** Services by the role they belong to; a fifth of them belong to every host. */
function groupsOf(count: number): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (let index = 0; index < count; index++) {
    const group = index % 5 === 0 ? "common" : `role-${(index - Math.ceil(index / 5)) % roles}`;
    const same = groups.get(group);
    if (same === undefined) groups.set(group, [`service-${index}`]);
    else same.push(`service-${index}`);
  }
  return groups;
}
