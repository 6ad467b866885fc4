/** What a host can take beside what it does. */
export interface Capacity {
  /** Processors that can be used; 1 where that is not known. */
  readonly cores: number;
  /** Processes that ran or waited, on average over the last minute or just now, whichever is less; null where that is not known. */
  readonly load: number | null;
  /** Whether find takes starting points one after the other (GNU findutils 4.9 and later). */
  readonly queue: boolean;
}

export function parseCapacity(values: ReadonlyMap<string, string>): Capacity {
  const cores = /^\d{1,5}$/.exec(values.get("cores") ?? "");
  // `0.52 0.58 0.59 1/977 12345`; among those that run is the one that asks.
  const load = /^(\d+\.\d+) \S+ \S+ (\d+)\//.exec(values.get("load") ?? "");
  return {
    cores: cores === null ? 1 : Math.max(1, Number(cores[0])),
    load: load === null ? null : Math.min(Number(load[1]), Math.max(0, Number(load[2]) - 1)),
    queue: values.get("queue") === "yes",
  };
}

/** How many walks run side by side: two where the host has two processors to spare, else one. */
export function walksFor({ cores, load, queue }: Capacity): 1 | 2 {
  return queue && load !== null && cores - load >= 1.5 ? 2 : 1;
}
