import { nameTree } from "../nix/nodes";
import { rootScope } from "../nix/scope";
import { newEffort } from "../nix/terms";
import { functionsIn, type Surroundings } from "../nix/walk";
import type { Reading } from "../persistence/read";
import type { SyntaxDocument } from "../syntax/document";
import { type Brought, broughtByFile, forwardingsOf } from "./forwarding";
import { filesWithEntries, type HostConfiguration } from "./hostConfiguration";
import type { ProjectFiles } from "./projectFiles";
import type { Earlier, ProjectHosts, ReadHome, ReadHost } from "./projectHosts";

/** So many functions of a file are looked for one by one. */
const fewFunctions = 4;

/** One evaluation of a repository: its hosts, and what each of its files is read with. Holds syntax trees until it is disposed. */
export class ProjectModel {
  readonly hosts: readonly HostConfiguration[];
  /** What the names of storages mean wherever hosts tell. */
  readonly #storagePaths: ReadonlyMap<string, string>;
  /** The files with entries of each host. */
  readonly #withEntries: ReadonlyMap<HostConfiguration, ReadonlySet<string>>;
  readonly #hostsOf = new Map<string, readonly HostConfiguration[]>();
  /** Where functions start, by file and trail; null where there is none. */
  readonly #functions = new Map<string, Map<string, number | null>>();
  readonly #forwarded = new Map<string, Reading["forwarded"]>();
  readonly #read: ReadonlyMap<HostConfiguration, ReadHost>;
  /** The configurations of Home Manager outside any host. */
  readonly #homes: readonly ReadHome[];
  #brought: ReadonlyMap<string, readonly Brought[]> | null = null;

  constructor(
    /** The absolute folder of the repository. */
    readonly root: string,
    private readonly files: ProjectFiles,
    /** All of them read. */
    private readonly evaluated: ProjectHosts,
  ) {
    this.hosts = evaluated.all.map(({ configuration }) => configuration);
    this.#read = new Map(evaluated.all.map((read) => [read.configuration, read]));
    this.#withEntries = new Map(this.hosts.map((host) => [host, filesWithEntries(host)]));
    this.#storagePaths = agreed(this.hosts);
    this.#homes = evaluated.homes;
  }

  /** What the next evaluation takes hosts over from. */
  get asEarlier(): Earlier {
    return { hosts: this.evaluated, files: this.files };
  }

  /** The names of hosts whose files were read. */
  get inUse(): ReadonlySet<string> {
    return this.evaluated.ready;
  }

  /** The hosts that a file is a part of, or that take entries from it. */
  hostsOf(file: string): readonly HostConfiguration[] {
    let found = this.#hostsOf.get(file);
    if (found === undefined) {
      found = this.hosts.filter((host) => host.users.has(file) || this.#withEntries.get(host)?.has(file) === true);
      this.#hostsOf.set(file, found);
    }
    return found;
  }

  /** The configuration of Home Manager outside any host that a file is a part of; null where a host has it, or none does. */
  #homeOf(file: string): ReadHome | null {
    if (this.hostsOf(file).length > 0) return null;
    return this.#homes.find(({ files }) => files.has(file)) ?? null;
  }

  /** The Home Manager users whose modules a file is a part of; null stands for the system. */
  #usersOf(file: string): ReadonlySet<string | null> {
    const hosts = this.hostsOf(file);
    const ofHosts = hosts.flatMap((host) => [...(host.users.get(file) ?? [])]);
    const ofHomes = hosts.length > 0 ? [] : this.#homes.filter(({ files }) => files.has(file));
    return new Set([...ofHosts, ...ofHomes.map(({ user }) => user)]);
  }

  /** Whether a file is a part of a host, or of a home outside any host. */
  isUsed(file: string): boolean {
    return this.hostsOf(file).length > 0 || this.#homeOf(file) !== null;
  }

  /** The files with entries that every host of `file` has: what they keep is kept wherever `file` counts. */
  companionsOf(file: string): readonly string[] {
    const [first, ...others] = this.hostsOf(file).flatMap((host) => this.#withEntries.get(host) ?? []);
    return [...(first ?? [])].filter((name) => name !== file && others.every((files) => files.has(name)));
  }

  /** Whether the evaluation looked at a file, so that a change of it may change what it says. */
  usesFile(file: string): boolean {
    return this.files.looksAt(file);
  }

  /** The text a file had when it was evaluated; null where the evaluation did not look at it. */
  textOf(file: string): string | null {
    return this.evaluated.world.sources.get(file)?.text ?? null;
  }

  /** The files the evaluation parsed. */
  get parsedFiles(): readonly string[] {
    return this.files.parsedFiles;
  }

  /** The people whose Home Manager modules a file is a part of, on hosts. */
  peopleOf(file: string): readonly string[] {
    return [...this.#usersOf(file)].flatMap((user) => user ?? []);
  }

  /** What a file is read with: as a part of the host called `host`, or of the first of its hosts, and for one `person` of several. */
  readingOf(file: string, document: SyntaxDocument, host: string | null, person: string | null): Reading {
    const hosts = this.hostsOf(file).filter(({ users }) => person === null || users.get(file)?.has(person) === true);
    const chosen = hosts.find(({ name }) => name === host) ?? hosts[0] ?? null;
    const users = this.#usersOf(file);
    const people = [...users].flatMap((user) => user ?? []);
    return {
      around: this.#surroundings(file, document, chosen, person),
      user: person ?? (people.length === 1 ? (people[0] ?? null) : null),
      isHome: people.length > 0 && people.length === users.size,
      forwarded: this.#forwardedIn(file),
      homes: chosen?.homes ?? new Map(),
      storages: new Map([...this.#storagePaths, ...(chosen?.storagePaths ?? [])]),
    };
  }

  #surroundings(
    file: string,
    { root, text }: SyntaxDocument,
    host: HostConfiguration | null,
    person: string | null,
  ): Surroundings {
    const { world } = this.evaluated;
    const known = world.sources.get(file);
    // What functions are called with may be remembered: then a tree that the evaluation shares has to live as long.
    if (known !== undefined) this.files.tree(file);
    const source = root === null ? { file, text } : nameTree(root, { file, text });
    // What evaluating the project took is not the file's fault.
    world.effort.steps = 0;
    return {
      scope: rootScope(text, { source: text, origin: source, world, effort: newEffort() }),
      argumentOf: (trail) => {
        const offset = known === undefined ? null : this.#functionAt(file, trail);
        if (known === undefined || offset === null) return null;
        const read = host === null ? undefined : this.#read.get(host);
        if (read !== undefined) this.evaluated.prepare(read);
        return world.argumentOf(known, offset, read?.found.purpose ?? this.#homeOf(file)?.purpose ?? "", person);
      },
    };
  }

  #functionAt(file: string, trail: string): number | null {
    let known = this.#functions.get(file);
    if (known === undefined) {
      known = new Map();
      this.#functions.set(file, known);
    }
    let offset = known.get(trail);
    if (offset === undefined) {
      const tree = this.files.tree(file);
      // Most files have one function; where there are more all are looked for at once.
      const found =
        tree === null ? null : functionsIn(tree.root, tree.source.text, known.size < fewFunctions ? trail : null);
      offset = found?.get(trail) ?? null;
      if (known.size >= fewFunctions) for (const [other, start] of found ?? []) known.set(other, start);
      known.set(trail, offset);
    }
    return offset;
  }

  /** The entries that hosts have from a file. */
  broughtFrom(file: string): readonly Brought[] {
    this.#brought ??= broughtByFile(this.hosts);
    return this.#brought.get(file) ?? [];
  }

  #forwardedIn(file: string): Reading["forwarded"] {
    let found = this.#forwarded.get(file);
    if (found === undefined) {
      const brought = this.broughtFrom(file);
      const tree = brought.length === 0 ? null : this.files.tree(file);
      const homes = new Map(this.hosts.flatMap((host) => [...host.homes]));
      found = tree === null ? [] : forwardingsOf(tree.root, tree.source, brought, homes);
      this.#forwarded.set(file, found);
    }
    return found;
  }

  /** Works out what a file is read with, for the next keystroke in it. */
  makeReady(file: string): void {
    this.#functionAt(file, "");
    this.#forwardedIn(file);
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

/** The storage paths that all hosts which know a name agree on. */
function agreed(hosts: readonly HostConfiguration[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const disputed = new Set<string>();
  for (const [name, path] of hosts.flatMap(({ storagePaths }) => [...storagePaths])) {
    const known = found.get(name);
    if (known !== undefined && known !== path) disputed.add(name);
    found.set(name, path);
  }
  for (const name of disputed) found.delete(name);
  return found;
}
