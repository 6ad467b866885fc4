/**
 * Wraps a restart so that runs never overlap: while one runs, any number of calls together ask for one more, which starts
 * when the running one has ended. Each promise ends with the run that answers it, and rejects when that run fails.
 */
export function createRestarter(restart: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let queued: Promise<void> | null = null;

  function run(): Promise<void> {
    const current = restart().finally(() => {
      if (running === current) running = null;
    });
    running = current;
    return current;
  }

  return () => {
    if (running === null) return run();
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = null;
        return run();
      });
    return queued;
  };
}
