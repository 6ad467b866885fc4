import type { HostConnection } from "./port";

/** Seconds without a use after which a connection is closed. */
export const idleSeconds = 300;

interface Kept<T> {
  readonly connection: HostConnection;
  /** What goes with the connection, for who uses it next. */
  readonly about: T;
  users: number;
  idle: NodeJS.Timeout | null;
  /** When it was last given back, milliseconds; 0 while it is in use or new. */
  since: number;
}

/** A machine that slept does not know yet that its connections are gone: after this long one is asked, in milliseconds. */
const doubtMs = 20_000;
/** How long a connection has for an answer then. */
const answerMs = 4000;

/** A connection that is there, whoever made it; `connection.close()` gives it back. */
export interface Lease<T> {
  readonly connection: HostConnection;
  readonly about: T;
  /** Whether it was there already. */
  readonly reused: boolean;
}

/**
 * Keeps one connection for each key, for all who want it at the same time or soon after. A connection that is lost is made anew by the
 * next who asks; one that nobody used for a while is closed.
 */
export class Connections<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #turns = new Map<string, Promise<void>>();
  #generation = 0;

  constructor(private readonly idleMs = idleSeconds * 1000) {}

  /** The connection of a key, made by `open` where there is none. Rejects with what `open` rejects with. */
  async lease(
    key: string,
    open: () => Promise<{ readonly connection: HostConnection; readonly about: T }>,
  ): Promise<Lease<T>> {
    // One at a time: who comes while it is being made finds it, or tries again where that failed.
    for (let turn = this.#turns.get(key); turn !== undefined; turn = this.#turns.get(key)) await turn;
    let done: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (done = resolve));
    this.#turns.set(key, turn);
    const generation = this.#generation;
    try {
      const known = await this.#known(key);
      if (known !== null) return this.#lend(known, true);
      const kept: Kept<T> = { ...(await open()), users: 0, idle: null, since: 0 };
      // What was closed in the meantime stays closed for those who come: only who asked gets it.
      if (generation === this.#generation) this.#kept.set(key, kept);
      return this.#lend(kept, false);
    } finally {
      this.#turns.delete(key);
      done();
    }
  }

  /** Closes what nobody uses at once, and the rest when it is given back. */
  closeAll(): void {
    this.#generation += 1;
    for (const kept of this.#kept.values()) if (kept.users === 0) close(kept);
    this.#kept.clear();
  }

  async #known(key: string): Promise<Kept<T> | null> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    if (kept.idle !== null) clearTimeout(kept.idle);
    kept.idle = null;
    const doubtful = kept.users === 0 && Date.now() - kept.since > doubtMs;
    if (kept.connection.alive && (!doubtful || (await answers(kept.connection)))) return kept;
    if (this.#kept.get(key) === kept) this.#kept.delete(key);
    close(kept);
    return null;
  }

  #lend(kept: Kept<T>, reused: boolean): Lease<T> {
    kept.users += 1;
    const { connection } = kept;
    let given = true;
    return {
      about: kept.about,
      reused,
      connection: {
        description: connection.description,
        exec: (command, options) => connection.exec(command, options),
        get alive() {
          return given && connection.alive;
        },
        close: () => {
          if (given) this.#giveBack(kept);
          given = false;
        },
      },
    };
  }

  #giveBack(kept: Kept<T>): void {
    kept.users -= 1;
    kept.since = Date.now();
    if (kept.users > 0) return;
    if (![...this.#kept.values()].includes(kept)) close(kept);
    else kept.idle = setTimeout(() => this.#expire(kept), this.idleMs).unref();
  }

  #expire(kept: Kept<T>): void {
    for (const [key, one] of this.#kept) if (one === kept) this.#kept.delete(key);
    close(kept);
  }
}

async function answers(connection: HostConnection): Promise<boolean> {
  const onStdout = () => undefined;
  return connection.exec("exit 0", { stdin: "", onStdout, signal: AbortSignal.timeout(answerMs) }).then(
    ({ code }) => code === 0,
    () => false,
  );
}

function close<T>({ connection, idle }: Kept<T>): void {
  if (idle !== null) clearTimeout(idle);
  connection.close();
}
