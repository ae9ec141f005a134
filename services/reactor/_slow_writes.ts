import type { ReactorTime } from "../async/time.ts";

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

  constructor(time: ReactorTime) {
    this.#time = time;
  }

  watch(writer: Writer): void {
    if (this.#writers.push(writer) === 1) this.#time.callLater(SLOW, this.#sweep);
  }

  readonly #sweep = (): void => {
    this.#writers = this.#writers.filter((writer) => writer.checkWrites());
    if (this.#writers.length > 0) this.#time.callLater(SLOW, this.#sweep);
  };
}
