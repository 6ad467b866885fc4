import type { Tidemark } from "../service/tidemark";

/** After this pause a person has stopped typing; evaluating a repository takes longer than a keystroke may. Milliseconds. */
const pause = 400;

/** Evaluates repositories anew once edits have come to rest, in steps between which requests are answered. */
export class Reevaluation {
  #timer: NodeJS.Timeout | undefined;
  #step: NodeJS.Immediate | undefined;
  #work: Generator<void, boolean> | undefined;

  constructor(
    private readonly service: Tidemark,
    /** Called when something was evaluated anew: findings of any file may have changed. */
    private readonly evaluated: () => void,
  ) {}

  /** A text or a file on disk changed. */
  changed(): void {
    this.stop();
    if (!this.service.projects.isStale) return;
    this.#timer = setTimeout(() => {
      this.#work = this.service.projects.refresh();
      this.#go(this.#work);
    }, pause);
  }

  #go(work: Generator<void, boolean>): void {
    const { done, value } = work.next();
    if (done !== true) this.#step = setImmediate(() => this.#go(work));
    else if (value) this.evaluated();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#step);
    this.#work?.return(false);
    this.#work = undefined;
  }
}
