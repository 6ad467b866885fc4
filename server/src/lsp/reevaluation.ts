import type { Tidemark } from "../service/tidemark";

/** After this pause a person has stopped typing; evaluating a repository takes longer than a keystroke may. Milliseconds. */
const pause = 400;

/** Evaluates repositories anew once edits have come to rest. */
export class Reevaluation {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly service: Tidemark,
    /** Called when something was evaluated anew: findings of any file may have changed. */
    private readonly evaluated: () => void,
  ) {}

  /** A text or a file on disk changed. */
  changed(): void {
    clearTimeout(this.#timer);
    if (!this.service.projects.isStale) return;
    this.#timer = setTimeout(() => {
      if (this.service.projects.refresh()) this.evaluated();
    }, pause);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
