import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { entriesOfHosts } from "./adapter";

/** A repository as texts by file, and what its hosts are to keep: `path` or `user:path`, sorted, with `?` behind it where that is not sure. */
export interface Shape {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** Hosts of which something is not known. */
  readonly open?: readonly string[];
}

/** What is said of the hosts of a repository, in the form a shape says it; paths are sorted. */
export async function hostsOf(files: Shape["files"]): Promise<Pick<Shape, "hosts" | "open">> {
  const folder = mkdtempSync(path.join(tmpdir(), "shape-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const found = [...(await entriesOfHosts(folder))].sort(([a], [b]) => (a < b ? -1 : 1));
    const hosts = Object.fromEntries(
      found.map(([host, { rows }]) => [
        host,
        rows
          .map(({ scope, path: at, conditional }) => {
            const user = scope === "system" ? "" : `${scope.replace("user:", "")}:`;
            return `${user}${at}${conditional ? "?" : ""}`;
          })
          .sort(),
      ]),
    );
    const open = found.filter(([, { unknown }]) => unknown.length > 0).map(([host]) => host);
    return { hosts, ...(open.length > 0 ? { open } : {}) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A module that keeps a path. */
export function keeping(at: string): string {
  return `{ ... }: { environment.persistence."/p".directories = [ "${at}" ]; }\n`;
}

/** A flake of this body, with inputs by name: a URL for each. */
export function flake(inputs: Readonly<Record<string, string>>, outputs: string): string {
  const urls = Object.entries(inputs).map(([name, url]) => `  inputs.${name}.url = "${url}";`);
  return `{\n${urls.join("\n")}\n  inputs.nixpkgs.url = "github:NixOS/nixpkgs";\n  outputs = ${outputs};\n}\n`;
}
