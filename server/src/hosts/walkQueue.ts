import type { NodeId } from "./model";
import { FrameError } from "./probeFrame";
import type { WalkStart } from "./recordsWalk";

/** Batches that a walk has ahead of it, so that it never waits for us while there is something to do. */
const ahead = 2;
const slashDot = Buffer.from("/.");
const nul = Buffer.from("\0");

/**
 * The folders that wait to be walked, dealt out to walks that run side by side until none has any left: what is found deep in one walk
 * may be gone on with by another, so that all end at about the same time whatever the shape of the tree.
 */
export class WalkQueue {
  readonly #waiting: WalkStart[] = [];
  #at = 0;
  /** How many of those that wait go before the others, and are not dealt out together with them. */
  #first = 0;
  #open = 0;
  #closed = false;
  #walks = 0;
  #wake: (() => void)[] = [];

  /** @param pathOf the path of a node below the root, as bytes. */
  constructor(readonly pathOf: (node: NodeId) => Uint8Array) {}

  /** Whether all was walked, or the queue was closed. */
  get done(): boolean {
    return this.#closed || (this.#open === 0 && this.#at === this.#waiting.length);
  }

  /** @param first whether it goes before those that wait. */
  add(start: WalkStart, first = false): void {
    if (first) {
      this.#waiting.splice(this.#at + this.#first, 0, start);
      this.#first += 1;
    } else this.#waiting.push(start);
    this.#notify();
  }

  /** Takes part in the work; one for each walk. */
  walk(): QueuedWalk {
    this.#walks += 1;
    return new QueuedWalk(this);
  }

  /** Ends all waiting, as when a walk failed. */
  close(): void {
    this.#closed = true;
    this.#notify();
  }

  /** The next folders for one walk: many while many wait, few towards the end. Empty where none waits now. */
  take(): readonly WalkStart[] {
    const left = this.#waiting.length - this.#at;
    if (this.#closed || left === 0) return [];
    const most = this.#first > 0 ? this.#first / this.#walks : left / (4 * this.#walks);
    const batch = this.#waiting.slice(this.#at, this.#at + Math.ceil(most));
    this.#at += batch.length;
    this.#first = Math.max(0, this.#first - batch.length);
    if (this.#at > 4096) {
      this.#waiting.splice(0, this.#at);
      this.#at = 0;
    }
    this.#open += 1;
    return batch;
  }

  finish(): void {
    this.#open -= 1;
    this.#notify();
  }

  /** Resolves when there may be more to take, or none is left. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }
}

interface Batch {
  readonly starts: readonly WalkStart[];
  readonly names: readonly Uint8Array[];
  /** The first that was not begun. */
  at: number;
}

/** One walk's part: what it is given, in order, and which of that it is at. */
export class QueuedWalk {
  readonly #batches: Batch[] = [];

  constructor(private readonly queue: WalkQueue) {}

  /** Starting points for the walk's standard input, as they become known; ends when nothing is left in the queue. */
  async *names(): AsyncGenerator<Uint8Array> {
    while (!this.queue.done) {
      const starts = this.#batches.length < ahead ? this.queue.take() : [];
      if (starts.length === 0) {
        await this.queue.changed();
        continue;
      }
      const names = starts.map(({ node }) => nameOf(this.queue.pathOf(node)));
      this.#batches.push({ starts, names, at: 0 });
      yield Buffer.concat([...names.flatMap((name) => [name, nul]), slashDot, nul]);
    }
  }

  /** See WalkOptions. What comes before it in its batch was gone when find came to it. */
  startNamed(bytes: Uint8Array, from: number, to: number): WalkStart {
    const batch = this.#batches[0];
    const found = batch?.names.findIndex(
      (name, index) => index >= batch.at && Buffer.compare(name, bytes.subarray(from, to)) === 0,
    );
    const start = batch?.starts[found ?? -1];
    if (batch === undefined || found === undefined || start === undefined)
      throw new FrameError("its list of paths goes on where nothing was asked for");
    batch.at = found + 1;
    return start;
  }

  /** The oldest batch is done; answers what it was. */
  onMark(): readonly WalkStart[] {
    const batch = this.#batches.shift();
    if (batch === undefined) throw new FrameError("its list of paths has a mark too many");
    this.queue.finish();
    return batch.starts;
  }
}

function nameOf(path: Uint8Array): Uint8Array {
  return path.length === 0 ? Buffer.from("./.") : Buffer.concat([Buffer.from("./"), path, slashDot]);
}
