import path from "node:path";
import { nameTree, type Source } from "../nix/nodes";
import { rootScope } from "../nix/scope";
import { newEffort } from "../nix/terms";
import { functionsIn, type Surroundings } from "../nix/walk";
import { homesOf, readValue } from "../nixos/hostValues";
import { type HostModules, Project } from "../nixos/project";
import type { Reading } from "../persistence/read";
import type { SyntaxDocument } from "../syntax/document";
import { type Brought, broughtByFile, forwardingsOf } from "./forwarding";
import { type HostConfiguration, readHost } from "./hostConfiguration";
import type { ProjectFiles } from "./projectFiles";
import { upstreamDefault } from "./upstream";

/** One evaluation of a repository: its hosts, and what each of its files is read with. Holds syntax trees until it is disposed. */
export class ProjectModel {
  readonly hosts: readonly HostConfiguration[];
  readonly #project: Project;
  readonly #users = new Map<string, Set<string | null>>();
  readonly #byFile = new Map<string, HostConfiguration[]>();
  /** What the functions of files of homes outside any host were called for. */
  readonly #homes = new Map<string, string>();
  readonly #functions = new Map<string, ReadonlyMap<string, number>>();
  readonly #forwarded = new Map<string, Reading["forwarded"]>();
  readonly #purposes = new WeakMap<HostConfiguration, string>();
  #brought: ReadonlyMap<string, readonly Brought[]> | null = null;

  constructor(
    /** The absolute folder of the repository. */
    readonly root: string,
    private readonly files: ProjectFiles,
    nixFiles: readonly string[],
  ) {
    this.#project = new Project(files, root, upstreamDefault, (url) => isOwnUrl(files, root, url));
    const hosts = new Map<string, HostConfiguration>();
    for (const [index, host] of findHosts(this.#project, nixFiles).entries()) {
      this.#project.world.purpose = `${index} ${host.name}`;
      const configuration = this.#project.world.inPart(() => readHost(this.#project, host));
      const known = hosts.get(host.name);
      if (known !== undefined && known.files.length >= configuration.files.length) continue;
      hosts.set(host.name, configuration);
      this.#purposes.set(configuration, this.#project.world.purpose);
      this.#note(host, configuration);
    }
    this.hosts = [...hosts.values()];
    for (const [index, home] of findHomes(this.#project, nixFiles).entries())
      this.#project.world.inPart(() => this.#noteHome(`home ${index}`, home));
    this.#project.world.purpose = "";
  }

  /** A configuration of Home Manager outside any host tells whose its files are. */
  #noteHome(purpose: string, { name, system }: HostModules): void {
    this.#project.world.purpose = purpose;
    const given = readValue(this.#project, system, ["home", "username"]);
    const user = given.kind === "string" ? given.text : (name.split("@")[0] ?? null);
    for (const { writtenIn } of system.modules) {
      if (writtenIn === null || this.#byFile.has(writtenIn)) continue;
      const users = this.#users.get(writtenIn) ?? new Set();
      this.#users.set(writtenIn, users.add(user));
      if (!this.#homes.has(writtenIn)) this.#homes.set(writtenIn, purpose);
    }
  }

  #note(host: HostModules, configuration: HostConfiguration): void {
    const systems = [[null, host.system] as const, ...homesOf(host)];
    for (const [user, { modules }] of systems) {
      for (const { writtenIn } of modules) {
        if (writtenIn === null) continue;
        const users = this.#users.get(writtenIn) ?? new Set();
        this.#users.set(writtenIn, users.add(user));
      }
    }
    for (const file of configuration.files) {
      const users = this.#byFile.get(file);
      if (users === undefined) this.#byFile.set(file, [configuration]);
      else users.push(configuration);
    }
  }

  /** The hosts that a file is a part of. */
  hostsOf(file: string): readonly HostConfiguration[] {
    return this.#byFile.get(file) ?? [];
  }

  /** Whether the evaluation looked at a file, so that a change of it may change what it says. */
  usesFile(file: string): boolean {
    return this.files.looksAt(file);
  }

  /** What a file is read with: as a part of the host called `host`, or of the first of its hosts. */
  readingOf(file: string, document: SyntaxDocument, host: string | null): Reading {
    const hosts = this.hostsOf(file);
    const chosen = hosts.find(({ name }) => name === host) ?? hosts[0] ?? null;
    const users = [...(this.#users.get(file) ?? [])];
    return {
      around: this.#surroundings(file, document, chosen),
      user: users.length === 1 ? (users[0] ?? null) : null,
      isHome: users.length > 0 && !users.includes(null),
      forwarded: this.#forwardedIn(file),
      homes: chosen?.homes ?? new Map(),
      storages: chosen?.storagePaths ?? new Map(),
    };
  }

  #surroundings(file: string, { root, text }: SyntaxDocument, host: HostConfiguration | null): Surroundings {
    const { world } = this.#project;
    const source: Source = { file, text };
    if (root !== null) nameTree(root, source);
    // What evaluating the project took is not the file's fault.
    world.effort.steps = 0;
    const known = world.sources.get(file);
    return {
      scope: rootScope(text, { source: text, origin: source, world, effort: newEffort() }),
      argumentOf: (trail) => {
        const offset = known === undefined ? undefined : this.#functionsOf(file).get(trail);
        if (known === undefined || offset === undefined) return null;
        return world.argumentOf(known, offset, this.#purposeOf(file, host));
      },
    };
  }

  #purposeOf(file: string, host: HostConfiguration | null): string {
    return (host === null ? this.#homes.get(file) : this.#purposes.get(host)) ?? "";
  }

  #functionsOf(file: string): ReadonlyMap<string, number> {
    let found = this.#functions.get(file);
    if (found === undefined) {
      const tree = this.files.tree(file);
      found = tree === null ? new Map() : functionsIn(tree.root, tree.text);
      this.#functions.set(file, found);
    }
    return found;
  }

  #forwardedIn(file: string): Reading["forwarded"] {
    let found = this.#forwarded.get(file);
    if (found === undefined) {
      this.#brought ??= broughtByFile(this.hosts);
      const brought = this.#brought.get(file) ?? [];
      const tree = brought.length === 0 ? null : this.files.tree(file);
      const homes = new Map(this.hosts.flatMap((host) => [...host.homes]));
      found = tree === null ? [] : forwardingsOf(tree.root, tree.text, brought, homes);
      this.#forwarded.set(file, found);
    }
    return found;
  }

  /** Files that hosts take entries from, whether they are modules or data. */
  get writtenIn(): ReadonlySet<string> {
    this.#brought ??= broughtByFile(this.hosts);
    return new Set(this.#brought.keys());
  }

  dispose(): void {
    this.files.dispose();
  }
}

/** The hosts of a repository: those of its flakes, else the configurations that stand for themselves. */
function findHosts(project: Project, nixFiles: readonly string[]): HostModules[] {
  const flakes = nixFiles.filter((file) => path.basename(file) === "flake.nix");
  const found = flakes.flatMap((file) => project.hostsOfFlake(path.dirname(file)));
  if (found.length > 0) return found;
  return nixFiles
    .filter((file) => path.basename(file) === "configuration.nix")
    .map((file) => project.hostOfFile(path.basename(path.dirname(file)), file));
}

function findHomes(project: Project, nixFiles: readonly string[]): HostModules[] {
  const flakes = nixFiles.filter((file) => path.basename(file) === "flake.nix");
  return flakes.flatMap((file) => project.homesOfFlake(path.dirname(file)));
}

/** Whether a URL is the repository's own: one of its remotes ends like it. Where there are no remotes it may be. */
function isOwnUrl(files: ProjectFiles, root: string, url: string): boolean {
  const remotes = [...(files.text(path.join(root, ".git", "config")) ?? "").matchAll(/^\s*url\s*=\s*(\S+)/gm)];
  return remotes.length === 0 || remotes.some(([, remote]) => lastName(remote ?? "") === lastName(url));
}

function lastName(url: string): string {
  return (
    url
      .replace(/[?#].*$/, "")
      .replace(/\/+$/, "")
      .split(/[/:]/)
      .pop() ?? ""
  )
    .replace(/\.git$/, "")
    .toLowerCase();
}
