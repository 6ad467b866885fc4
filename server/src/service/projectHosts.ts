import path from "node:path";
import type { World } from "../nix/world";
import { readValue } from "../nixos/hostValues";
import { type HostModules, Project } from "../nixos/project";
import { type HostConfiguration, readHost } from "./hostConfiguration";
import type { ProjectFiles } from "./projectFiles";
import { upstreamDefault } from "./upstream";

/** How many hosts are kept ready to be asked more; each takes some megabytes. */
const maximumReady = 8;

interface Found {
  /** What the calls of functions are remembered under. */
  readonly purpose: string;
  readonly host: HostModules;
}

/** An evaluation of which hosts are taken over that nothing changed for. */
export interface Earlier {
  readonly hosts: ProjectHosts;
  readonly files: ProjectFiles;
}

/** A host as it was read. */
export interface ReadHost {
  readonly found: Found;
  readonly configuration: HostConfiguration;
  /** The files it depends on and others need not. */
  readonly reads: ReadonlySet<string>;
}

/** A configuration of Home Manager outside any host: whose its files are. */
export interface ReadHome {
  readonly purpose: string;
  readonly user: string | null;
  readonly files: ReadonlySet<string>;
}

/** The hosts of one evaluation, read one by one. Only a few are kept ready to be asked more; the others are worked out again for that. */
export class ProjectHosts {
  #project: Project;
  #queue: Found[];
  #late: string[] = [];
  #isLast = false;
  readonly #read = new Map<string, ReadHost>();
  /** Hosts that are as they were, by purpose. */
  readonly #taken = new Map<string, ReadHost>();
  #ready: Found[] = [];
  #homes: readonly ReadHome[] | null = null;

  constructor(
    private readonly root: string,
    private readonly files: ProjectFiles,
    private readonly nixFiles: readonly string[],
    /** The names of hosts that are to be kept ready; by default it is the first. */
    private readonly wanted: ReadonlySet<string> = new Set(),
    earlier: Earlier | null = null,
  ) {
    this.#project = this.#begin();
    const changed = earlier === null ? null : this.#changedSince(earlier);
    this.#queue = this.#find();
    if (earlier !== null && changed !== null) this.#takeOver(earlier.hosts, changed);
  }

  get world(): World {
    return this.#project.world;
  }

  /** What was read. */
  get all(): readonly ReadHost[] {
    return [...this.#read.values()];
  }

  /** The configurations of Home Manager outside any host. */
  get homes(): readonly ReadHome[] {
    const flakes = this.nixFiles.filter((file) => path.basename(file) === "flake.nix");
    this.#homes ??= flakes
      .flatMap((file) => this.#project.homesOfFlake(path.dirname(file)))
      .map(({ name, system }, index) => {
        const purpose = `home ${index}`;
        this.#project.begin(purpose);
        const given = readValue(this.#project, system, ["home", "username"]);
        const files = new Set(system.modules.flatMap(({ writtenIn }) => writtenIn ?? []));
        return { purpose, user: given.kind === "string" ? given.text : (name.split("@")[0] ?? null), files };
      });
    this.world.purpose = "";
    this.world.reads.evaluating = undefined;
    return this.#homes;
  }

  /** The names of the hosts that are kept ready. */
  get ready(): ReadonlySet<string> {
    return new Set(this.#ready.map(({ host }) => host.name));
  }

  /** Reads the next host; false when there was none left. */
  next(): boolean {
    let found = this.#queue.shift();
    for (let read = this.#takenOver(found); found !== undefined && read !== null; read = this.#takenOver(found)) {
      this.#note({ ...read, found });
      found = this.#queue.shift();
    }
    if (found === undefined) return this.#withoutTaken() || this.#again();
    this.#note(this.#evaluate(found));
    if (this.#project.isExhausted) this.#late.push(found.purpose);
    const isWanted = this.wanted.has(found.host.name) || (this.wanted.size === 0 && this.#read.size === 1);
    if (isWanted && this.#ready.length < maximumReady) this.#ready.push(found);
    else this.#forget(found);
    this.world.purpose = "";
    return true;
  }

  #takenOver(found: Found | undefined): ReadHost | null {
    return found === undefined ? null : (this.#taken.get(found.purpose) ?? null);
  }

  /** Works a host out again, if it is not ready to be asked. */
  prepare(read: ReadHost): void {
    const found = this.#ready.find(({ purpose }) => purpose === read.found.purpose);
    if (found !== undefined) return;
    while (this.#ready.length >= maximumReady) {
      const oldest = this.#ready.shift();
      if (oldest !== undefined) this.#forget(oldest);
    }
    this.#ready.push(read.found);
    this.#evaluate(read.found);
    this.world.purpose = "";
  }

  #begin(): Project {
    const { files, root } = this;
    return new Project(files, root, upstreamDefault, (url) => isOwnUrl(files, root, url));
  }

  #find(): Found[] {
    this.#project.begin("");
    const found = findHosts(this.#project, this.root, this.nixFiles);
    this.world.reads.found(new Set(found.map(({ system }) => system)));
    return found.map((host, index) => ({ purpose: `${index} ${host.name}`, host }));
  }

  /** The files that changed since an earlier evaluation; null where that may have changed any host. */
  #changedSince({ hosts, files }: Earlier): ReadonlySet<string> | null {
    const { reads, sources } = hosts.world;
    if (hosts.#late.length > 0 || !this.files.takeOver(files)) return null;
    const changed = new Set<string>();
    for (const [file, source] of sources) {
      const now = this.world.sourceOf(file);
      if (now === null || (now !== source && !reads.isOnlyModule(file))) return null;
      if (now !== source) changed.add(file);
    }
    this.world.reads.inherit(reads);
    return changed;
  }

  /** Takes over hosts that do not depend on what changed, but for those that are asked for more than what they persist. */
  #takeOver(earlier: ProjectHosts, changed: ReadonlySet<string>): void {
    for (const read of earlier.all) {
      const isWanted = this.wanted.has(read.configuration.name);
      if (!isWanted && ![...changed].some((file) => read.reads.has(file))) this.#taken.set(read.found.purpose, read);
    }
  }

  /**
   * What a host left undone that took too many steps is not known for the others either, where they share it. So all begin anew, once,
   * and such hosts come last.
   */
  #again(): boolean {
    if (this.#isLast || this.#late.length === 0 || this.#read.size < 2) return false;
    const late = new Set(this.#late);
    this.#isLast = true;
    const found = this.#anew();
    this.#queue = [
      ...found.filter(({ purpose }) => !late.has(purpose)),
      ...found.filter((one) => late.has(one.purpose)),
    ];
    return this.#queue.length > 0;
  }

  /** Where a host turns out to ask for another one none is taken over: it may be asked before it is evaluated by itself. */
  #withoutTaken(): boolean {
    if (this.#taken.size === 0 || !this.world.reads.isCrossed) return false;
    this.#late = [];
    this.#queue = this.#anew();
    return true;
  }

  /** Forgets all that was worked out; the hosts there are. */
  #anew(): Found[] {
    this.#taken.clear();
    this.#project = this.#begin();
    this.#read.clear();
    this.#ready = [];
    return this.#find();
  }

  #evaluate(found: Found): ReadHost {
    const { host, purpose } = found;
    const { reads } = this.world;
    const before = reads.evaluating;
    reads.evaluating = host.system;
    this.#project.begin(purpose);
    const configuration = readHost(this.#project, host);
    reads.evaluating = before;
    return { found, configuration, reads: reads.filesOf(host.system) };
  }

  /** Of hosts of one name the one with more files counts. */
  #note(read: ReadHost): void {
    const { name, files } = read.configuration;
    const known = this.#read.get(name);
    if (known === undefined || known.configuration.files.length < files.length) this.#read.set(name, read);
  }

  #forget({ purpose, host }: Found): void {
    host.system.forget();
    this.world.forget(purpose);
  }
}

/** The hosts of a repository: those of its flakes, else of a file beside them, else the configurations that stand for themselves. */
function findHosts(project: Project, root: string, nixFiles: readonly string[]): HostModules[] {
  const flakes = nixFiles.filter((file) => path.basename(file) === "flake.nix");
  const found = flakes.flatMap((file) => project.hostsOfFlake(path.dirname(file)));
  if (found.length > 0) return found;
  for (const file of nixFiles.filter((name) => path.dirname(name) === root)) {
    const own = project.hostsOfFileItself(file);
    if (own.length > 0) return own;
  }
  return nixFiles
    .filter((file) => path.basename(file) === "configuration.nix")
    .map((file) => project.hostOfFile(path.basename(path.dirname(file)), file));
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
