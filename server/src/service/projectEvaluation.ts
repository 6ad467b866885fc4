import type { ProjectFiles } from "./projectFiles";
import { ProjectHosts } from "./projectHosts";
import { ProjectModel } from "./projectModel";

/** How many files are parsed at a step. */
const filesAtOnce = 25;

/** One evaluation of a repository under way, in steps of some ten milliseconds. Nobody sees what it works out before the end. */
export class ProjectEvaluation {
  readonly #pending: string[];
  #hosts: ProjectHosts | null = null;

  constructor(
    private readonly root: string,
    private readonly files: ProjectFiles,
    private readonly nixFiles: readonly string[],
    /** The last evaluation; null where there is none. */
    private readonly last: ProjectModel | null,
    /** Whether nothing changed since the last evaluation but the texts of files it read: then not all hosts are evaluated. */
    private readonly isPartial: boolean,
  ) {
    this.#pending = [...(last?.parsedFiles ?? [])];
  }

  /** Takes a step; false when there is nothing left to do. */
  next(): boolean {
    if (this.#pending.length > 0) {
      // What was parsed before will be again.
      for (const file of this.#pending.splice(-filesAtOnce)) this.files.tree(file);
      return true;
    }
    this.#hosts ??= this.#begun();
    return this.#hosts.next();
  }

  /** The evaluation, to be disposed of by whoever asks for it: all that is left of it is done. */
  model(): ProjectModel {
    while (this.next());
    this.#hosts ??= this.#begun();
    return new ProjectModel(this.root, this.files, this.#hosts);
  }

  #begun(): ProjectHosts {
    const earlier = this.isPartial ? this.last?.asEarlier : undefined;
    return new ProjectHosts(this.root, this.files, this.nixFiles, this.last?.inUse, earlier);
  }

  /** Gives the evaluation up. */
  dispose(): void {
    this.files.dispose();
  }
}
