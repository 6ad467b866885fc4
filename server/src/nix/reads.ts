/**
 * Which files the modules of a system are read from, so that after an edit only the systems that depend on it are evaluated again. A file that
 * anything else was made of counts for all of them: what is imported is evaluated once, whoever asks for it.
 */
export class Reads {
  readonly #modules = new Map<object, Set<string>>();
  readonly #imported = new Set<string>();
  readonly #askedBefore = new Set<object>();
  #hosts: ReadonlySet<object> | null = null;
  /** Whether what is found out of one host depends on another one. */
  isCrossed = false;
  #last: object | null = null;

  /** The host that is being evaluated, null between hosts; undefined where it does not matter what is asked. */
  evaluating: object | null | undefined = null;

  /** A file was read as a module of a system, or of one inside it. */
  module(system: object, file: string): void {
    const known = this.#modules.get(system);
    if (known === undefined) this.#modules.set(system, new Set([file]));
    else known.add(file);
  }

  imported(file: string): void {
    this.#imported.add(file);
  }

  /** Something was asked of a system. */
  asked(system: object): void {
    if (system === this.#last || system === this.evaluating || this.evaluating === undefined) return;
    this.#last = system;
    if (this.#hosts === null) this.#askedBefore.add(system);
    else if (this.#hosts.has(system)) this.isCrossed = true;
  }

  /** From now on it is known which systems are hosts. */
  found(hosts: ReadonlySet<object>): void {
    this.#hosts = hosts;
    this.isCrossed ||= [...this.#askedBefore].some((system) => hosts.has(system));
  }

  /** What other evaluations found out counts, too: some hosts are as they were then. */
  inherit(other: Reads): void {
    for (const file of other.#imported) this.#imported.add(file);
    for (const [system, files] of other.#modules)
      if (other.#hosts?.has(system) !== true) for (const file of files) this.#imported.add(file);
  }

  /** The files of a system's modules. */
  filesOf(system: object): ReadonlySet<string> {
    return this.#modules.get(system) ?? new Set();
  }

  /** Whether an edit of a file changes nothing but the hosts it is a module of. */
  isOnlyModule(file: string): boolean {
    if (this.isCrossed || this.#imported.has(file)) return false;
    return [...this.#modules].every(([system, files]) => this.#hosts?.has(system) === true || !files.has(file));
  }
}
