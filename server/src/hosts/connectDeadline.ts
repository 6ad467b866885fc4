import type { Prompter } from "./port";

/** A time limit that stands still while a person thinks. */
export interface Deadline {
  /** Runs `work` off the clock. */
  readonly pauseFor: <T>(work: () => Promise<T>) => Promise<T>;
  stop(): void;
}

export function startDeadline(milliseconds: number, onExpired: () => void): Deadline {
  let left = milliseconds;
  let pauses = 0;
  let stopped = false;
  let since = Date.now();
  let timer = setTimeout(onExpired, left);
  const pause = () => {
    if (pauses++ > 0) return;
    clearTimeout(timer);
    left -= Date.now() - since;
  };
  const resume = () => {
    if (--pauses > 0 || stopped) return;
    since = Date.now();
    timer = setTimeout(onExpired, Math.max(left, 0));
  };
  return {
    async pauseFor(work) {
      pause();
      try {
        return await work();
      } finally {
        resume();
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The same prompter, with the clock stopped while it asks. */
export function offTheClock(prompter: Prompter, deadline: Deadline): Prompter {
  return {
    ...prompter,
    confirmHostKey: (evidence, signal) => deadline.pauseFor(() => prompter.confirmHostKey(evidence, signal)),
    secret: (request, signal) => deadline.pauseFor(() => prompter.secret(request, signal)),
  };
}
