import path from "node:path";
import type { Reading } from "../persistence/read";
import type { SyntaxDocument } from "../syntax/document";
import type { FileAccess, FileStore, Readings } from "./fileStore";
import { type HostConfiguration, unknownParts } from "./hostConfiguration";
import { isLeftOut } from "./leftOut";
import { ProjectEvaluation } from "./projectEvaluation";
import { ProjectFiles } from "./projectFiles";
import type { ProjectModel } from "./projectModel";

/** More Nix files than any repository of one person has; beyond it hosts are not looked for. */
const maximumFiles = 20_000;

interface State {
  readonly model: ProjectModel;
  /** Files that changed since, of those the evaluation saw; null where it may be any. */
  changed: Set<string> | null;
  /** Hosts as they were when more was known of them, where that is so. */
  readonly before: ReadonlyMap<string, HostConfiguration>;
}

/** A host with the evaluation it comes from, and the files that changed since; null where any may have. */
export interface FoundHost {
  readonly model: ProjectModel;
  readonly host: HostConfiguration;
  readonly changed: ReadonlySet<string> | null;
  /** The host as it was when more was known of it, else null: a name that is half typed may lead to most of what it persists. */
  readonly before: HostConfiguration | null;
}

/**
 * The repositories that files belong to, each evaluated as a whole when it is first asked for. After a change the last evaluation
 * is used on, until `refresh` makes a new one: keystrokes come faster than a repository is evaluated.
 */
export class Projects implements Readings {
  /** Roots of the workspace, absolute paths. */
  folders: readonly string[] = [];
  version = 0;
  /** How often texts changed. */
  #changes = 0;
  readonly #states = new Map<string, State>();
  readonly #roots = new Map<string, string | null>();

  constructor(
    private readonly disk: FileAccess,
    private readonly store: FileStore,
  ) {}

  readingOf = (name: string, document: SyntaxDocument, host: string | null, person: string | null): Reading | null =>
    this.modelOf(name)?.readingOf(name, document, host, person) ?? null;

  peopleOf = (name: string): readonly string[] => this.modelOf(name)?.peopleOf(name) ?? [];

  hostThatMatters = (name: string, host: string | null): string | null => {
    const hosts = this.modelOf(name)?.hostsOf(name) ?? [];
    return hosts.length > 1 && hosts.some((one) => one.name === host) ? host : null;
  };

  /** All hosts of the repositories that were looked at. */
  get hosts(): readonly HostConfiguration[] {
    return [...this.#states.values()].flatMap(({ model }) => model.hosts);
  }

  /** The evaluation of the repository that a file belongs to; null where it belongs to none. */
  modelOf(name: string): ProjectModel | null {
    const root = this.rootOf(name);
    return root === null ? null : this.modelAt(root);
  }

  /** The hosts of the repository that a folder is in. */
  hostsIn(folder: string): readonly HostConfiguration[] {
    const root = this.#findRoot(folder);
    return root === null ? [] : this.modelAt(root).hosts;
  }

  /** The evaluation of the repository in a folder. */
  modelAt(root: string): ProjectModel {
    let state = this.#states.get(root);
    if (state === undefined) {
      state = { model: this.#evaluation(root, null, false).model(), changed: new Set(), before: new Map() };
      this.#states.set(root, state);
      this.version++;
    }
    return state.model;
  }

  /** The host of a name: of the repository of the file `from`, else of one in the workspace; null where there is none. */
  hostNamed(name: string, from: string | null): FoundHost | null {
    const roots = [...(from === null ? [] : [path.dirname(from)]), ...this.folders];
    for (const folder of roots) {
      const root = this.#findRoot(folder);
      const model = root === null ? null : this.modelAt(root);
      const host = model?.hosts.find((one) => one.name === name);
      if (root === null || model === null || host === undefined) continue;
      const state = this.#states.get(root);
      return { model, host, changed: state?.changed ?? null, before: state?.before.get(name) ?? null };
    }
    return null;
  }

  /** Whether an evaluation looked at a file, be it there or not. */
  lookAt(name: string): boolean {
    return [...this.#states.values()].some(({ model }) => model.usesFile(name));
  }

  /** A file's text changed; null stands for any. */
  changed(name: string | null): void {
    this.#changes++;
    if (name === null) this.#roots.clear();
    for (const state of this.#states.values()) {
      if (name === null) state.changed = null;
      else if (state.model.usesFile(name) || path.basename(name) === "flake.nix") state.changed?.add(name);
    }
  }

  /** Whether `refresh` would evaluate anything. */
  get isStale(): boolean {
    return [...this.#states.values()].some((state) => this.#isOutOfDate(state));
  }

  /** A file that does not parse is waited for: until it does the evaluation is as good as a new one. */
  #isOutOfDate({ changed, model }: State): boolean {
    return changed === null || [...changed].some((name) => this.store.soundText(name) !== model.textOf(name));
  }

  /**
   * Evaluates anew what is out of date, a little at each step; until the end the last evaluation is in use. Ends early where a file changes
   * in between. Returns whether something was evaluated. Has to be run to its end, or told to return.
   */
  *refresh(): Generator<void, boolean> {
    let any = false;
    for (const [root, state] of [...this.#states]) {
      if (!this.#isOutOfDate(state)) continue;
      const { changed: edited, model: last } = state;
      const isPartial = edited !== null && [...edited].every((name) => last.textOf(name) !== null);
      const evaluation = this.#evaluation(root, last, isPartial);
      const before = this.#changes;
      let isWhole = false;
      try {
        while (evaluation.next()) {
          yield;
          if (this.#changes !== before) return any;
        }
        isWhole = true;
      } finally {
        if (!isWhole) evaluation.dispose();
      }
      any = true;
      this.version++;
      const model = evaluation.model();
      const changed = new Set(this.store.halfTyped.filter((name) => model.usesFile(name)));
      this.#states.set(root, { model, changed, before: knownBefore(model, state) });
      state.model.dispose();
      for (const name of this.store.open) {
        if (model.hostsOf(name).length === 0) continue;
        yield;
        if (this.#changes !== before) return any;
        model.makeReady(name);
      }
    }
    return any;
  }

  #evaluation(root: string, last: ProjectModel | null, isPartial: boolean): ProjectEvaluation {
    const files = new ProjectFiles(this.store.trees, this.disk, root, (name) => this.store.soundText(name));
    return new ProjectEvaluation(root, files, this.disk.nixFiles(root, maximumFiles), last, isPartial);
  }

  /** The repository a file is in; null outside of any, and of the folders of the workspace. */
  rootOf(name: string): string | null {
    if (!path.isAbsolute(name)) return null;
    const folder = path.dirname(name);
    let root = this.#roots.get(folder);
    if (root === undefined) {
      root = this.#findRoot(folder);
      this.#roots.set(folder, root);
    }
    return root;
  }

  /**
   * The repository a folder is in: where `.git` is, else the outermost folder with a flake, else the folder of the workspace. What lies
   * in a folder that a repository leaves out, such as a hidden one, is no part of it.
   */
  #findRoot(start: string): string | null {
    let flake: string | null = null;
    for (let folder = start, below = ""; ; below = path.basename(folder), folder = path.dirname(folder)) {
      if (isLeftOut(below)) break;
      if (this.disk.kind(path.join(folder, ".git")) !== null) return folder;
      if (this.disk.kind(path.join(folder, "flake.nix")) === "file") flake = folder;
      if (folder === path.dirname(folder)) break;
    }
    if (flake !== null) return flake;
    const outer = this.folders.find((folder) => start === folder || start.startsWith(`${folder}${path.sep}`));
    return outer ?? null;
  }

  dispose(): void {
    this.#changes++;
    for (const { model } of this.#states.values()) model.dispose();
    this.#states.clear();
  }
}

/** Of the hosts of an evaluation of which less is known than was before, what was. */
function knownBefore({ hosts }: ProjectModel, last: State): ReadonlyMap<string, HostConfiguration> {
  return new Map(
    hosts.flatMap((host) => {
      const before = last.before.get(host.name) ?? last.model.hosts.find(({ name }) => name === host.name);
      return before === undefined || unknownParts(before) >= unknownParts(host) ? [] : [[host.name, before] as const];
    }),
  );
}
