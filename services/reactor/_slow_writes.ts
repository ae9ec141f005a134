import type { DelayedCall, ReactorTime } from "../async/time.ts";

/** A write that has not moved for so long is slow, ms. */
const SLOW = 20;

/** Whose writing is watched. */
export interface Writer {
  /** Called every `SLOW` ms: false when there is nothing to watch any more. */
  checkWrites(): boolean;
}

/**
 * Finds the connections whose writes stall. Reading waits for the write under way, which is done in no time
 * as a rule, and saves a system call per message; where the peer does not take what it is sent, its own
 * messages must get through all the same.
 */
export class SlowWrites {
  readonly #time: ReactorTime;
  #writers: Writer[] = [];
  #next: DelayedCall | null = null;

  constructor(time: ReactorTime) {
    this.#time = time;
  }

  watch(writer: Writer): void {
    this.#writers.push(writer);
    this.#next ??= this.#time.callLater(SLOW, this.#sweep);
  }

  /** Watch nobody any more. */
  stop(): void {
    this.#next?.cancel();
    this.#next = null;
    this.#writers = [];
  }

  readonly #sweep = (): void => {
    const watched = this.#writers;
    // Who reads on may be watched anew meanwhile.
    this.#writers = [];
    this.#next = null;
    for (const writer of watched) {
      if (writer.checkWrites()) this.watch(writer);
    }
  };
}
