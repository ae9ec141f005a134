import { setImmediate } from "node:timers";
import type { DelayedCall, ReactorTime } from "./time.ts";
import { checkDelay, TimerQueue } from "./timer_queue.ts";

/** Calls that one instant may hold before it is taken for a loop that arranges itself for ever. */
const CALLS_PER_INSTANT = 100_000;

/**
 * Time that stands still until a test advances it. Starts at 0.
 *
 * @example
 * ```ts
 * import { Clock } from "@heddle/heddle/testing";
 *
 * const clock = new Clock();
 * const seen: number[] = [];
 * clock.callLater(3, () => seen.push(clock.now()));
 * clock.advance(5);
 * console.assert(seen[0] === 3 && clock.now() === 5);
 * ```
 */
export class Clock implements ReactorTime {
  #now = 0;
  readonly #queue: TimerQueue = new TimerQueue(this);

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  /** See {@linkcode ReactorTime.callLater}. */
  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): DelayedCall {
    return this.#queue.add(this.#now + checkDelay(ms), fn, ...args);
  }

  /** When the calls that are still to run are due, earliest first. */
  get pending(): number[] {
    return this.#queue.times();
  }

  /**
   * Let `ms` milliseconds pass, call by call: one that is due at 3 sees `now() === 3`. Calls arranged meanwhile
   * run too if they are due by then. All of them run, whichever throws.
   *
   * @throws what a call threw; an `AggregateError` when several did
   * @throws {RangeError} when `ms` is negative or not finite
   */
  advance(ms: number): void {
    const steps = new Steps(this.#now + checkDelay(ms));
    while (this.#step(steps));
    this.#now = Math.max(this.#now, steps.end);
    steps.rethrow();
  }

  /**
   * Like {@linkcode advance}, but what waits for a promise gets its turn too: before the first call, after
   * each, and until nothing more is due. It does not wait for files, sockets or other threads.
   */
  async advanceAsync(ms: number): Promise<void> {
    const steps = new Steps(this.#now + checkDelay(ms));
    do await promiseJobs(); while (this.#step(steps));
    this.#now = Math.max(this.#now, steps.end);
    steps.rethrow();
  }

  /** {@linkcode advance} by each of `steps` in turn. */
  pump(steps: Iterable<number>): void {
    for (const ms of steps) this.advance(ms);
  }

  /** Run the next call that is due by the end; false when there is none. */
  #step(steps: Steps): boolean {
    const time = this.#queue.nextTime();
    if (time === null || time > steps.end) return false;
    this.#now = Math.max(this.#now, time);
    steps.run(() => this.#queue.popDue(this.#now)?.run(), this.#now);
    return true;
  }
}

/** What happens between the begin and the end of one advance. */
class Steps {
  readonly #errors: unknown[] = [];
  #instant = -1;
  #calls = 0;

  constructor(readonly end: number) {}

  run(call: () => void, now: number): void {
    if (now !== this.#instant) this.#calls = 0;
    this.#instant = now;
    if (++this.#calls > CALLS_PER_INSTANT) {
      throw new Error(
        `Cannot advance beyond ${now} ms: more than ${CALLS_PER_INSTANT} calls are due then, ` +
          `probably each arranging the next`,
      );
    }
    try {
      call();
    } catch (error) {
      this.#errors.push(error);
    }
  }

  rethrow(): void {
    if (this.#errors.length === 1) throw this.#errors[0];
    if (this.#errors.length > 1) {
      throw new AggregateError(this.#errors, `${this.#errors.length} delayed calls threw`);
    }
  }
}

/** Resolves after all promise jobs, and those that they arrange: they all run before the next macrotask. */
function promiseJobs(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
