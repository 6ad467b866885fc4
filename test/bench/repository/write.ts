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

/** The texts by name. */
export function textsOf({ files: count, hosts, modules }: Size): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const names = Array.from({ length: hosts }, (_, index) => `host-${index}`);
  const shared = modules - hosts * (parts.length + 1) - 4;
  const homes = Math.floor(shared / 4);
  const services = Array.from({ length: shared - homes }, (_, index) => `service-${index}`);
  files.set("flake.nix", flake);
  files.set("hosts/default.nix", hostTable(names));
  for (const [index, name] of names.entries()) {
    const own = services.filter((_, at) => (at * 7 + index) % 12 === 0);
    files.set(`hosts/${name}/default.nix`, hostModule(parts, own));
    for (const part of parts) files.set(`hosts/${name}/${part}.nix`, hostPart(part, index));
  }
  files.set("modules/default.nix", importing(["persist.nix", ...services.map(groupedFile)]));
  files.set("modules/persist.nix", wrapper);
  for (const [index, name] of services.entries())
    files.set(`modules/${groupedFile(name, index)}`, serviceModule(name, index));
  const programs = Array.from({ length: homes }, (_, index) => `program-${index}`);
  files.set("home/default.nix", importing(programs.map((name) => `${name}.nix`)));
  for (const [index, name] of programs.entries()) files.set(`home/${name}.nix`, homeModule(name, index));
  for (let index = 0; files.size < count; index++)
    files.set(`pkgs/group-${index % 40}/package-${index}/default.nix`, packageFile(`package-${index}`, index));
  return files;
}

function groupedFile(name: string, index: number): string {
  return `group-${index % 20}/${name}.nix`;
}
