import type { DelayedCall, ReactorTime } from "./time.ts";
import { checkDelay, TimerQueue } from "./timer_queue.ts";

/** `setTimeout` takes no longer delay; a later call is armed again on the way. */
const LONGEST = 2 ** 31 - 1;

/** The machine's time. All delayed calls share one system timer, armed for the earliest. */
export class SystemTime implements ReactorTime {
  readonly #queue: TimerQueue;
  readonly #failed: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `failed` is told what a call threw; the other calls run all the same. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
    this.#queue = new TimerQueue({
      now: () => this.now(),
      onEarlier: (time) => this.#arm(time),
      onEmpty: () => clearTimeout(this.#timer),
    });
  }

  now(): number {
    return performance.now();
  }

  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): DelayedCall {
    return this.#queue.add(this.now() + checkDelay(ms), fn, ...args);
  }

  #arm(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#turn, Math.min(Math.max(0, time - this.now()), LONGEST));
  }

  readonly #turn = (): void => {
    this.#timer = undefined;
    const now = this.now();
    const mark = this.#queue.mark;
    for (let call = this.#queue.popDue(now, mark); call !== null; call = this.#queue.popDue(now, mark)) {
      try {
        call.run();
      } catch (error) {
        this.#failed(error);
      }
    }
    const next = this.#queue.nextTime();
    if (next !== null) this.#arm(next);
  };
}
