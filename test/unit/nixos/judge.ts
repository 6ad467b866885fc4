import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Row } from "./row";

export const projectsFolder = path.join(__dirname, "..", "..", "fixtures", "projects");

/** The projects by name; `lib` is what they are judged with. */
export const projects: readonly string[] = readdirSync(projectsFolder).filter((name) => name !== "lib");

/** What a host keeps, once for each answer that upstream could give. */
export type Worlds = readonly ReadonlyMap<string, readonly Row[]>[];

/** What Nix says the hosts of the projects keep; one process for all of them. Throws Nix's complaint when it refuses one. */
export function judged(folder: string, names: readonly string[]): ReadonlyMap<string, Worlds> {
  const channels = path.join(projectsFolder, "lib", "channels");
  const list = names.map((name) => JSON.stringify(name)).join(" ");
  const { status, stdout, stderr } = spawnSync(
    "nix-instantiate",
    [
      ...["--eval", "--strict", "--json", "-I", channels, "-E"],
      `import ${path.join(__dirname, "projects.judge.nix")} { folder = ${folder}; projects = [ ${list} ]; }`,
    ],
    { encoding: "utf8", maxBuffer: 1e8 },
  );
  if (status !== 0) throw new Error(stderr);
  const answer = JSON.parse(stdout) as Record<string, readonly Record<string, readonly Row[]>[]>;
  return new Map(
    Object.entries(answer).map(([name, worlds]) => [name, worlds.map((hosts) => new Map(Object.entries(hosts)))]),
  );
}

/** An entry that may be missing, or not be sure, and why that is so. */
export interface Unsure {
  readonly host: string;
  readonly path: string;
  readonly why: string;
}

/** What a project's `expect.json` allows not to be known. */
export function unsureOf(project: string): readonly Unsure[] {
  const file = path.join(projectsFolder, project, "expect.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { unsure: readonly Unsure[] }).unsure : [];
}
