import type { DelayedCall, ReactorTime } from "../../async/time.ts";

/** How long bytes are saved up before somebody who waits gets them, ms: timers are coarse, writes dear. */
const quantumMs = 100;

/** Called with how many bytes may pass: a share of what was saved up. */
export type Waiter = (share: number) => void;

/**
 * A token bucket: bytes become available at a steady rate and are saved up for at most two quanta. What
 * could not be held back is spent all the same, and the debt is waited out. Whoever waits is served in
 * turn, each with an equal share.
 */
export class RateLimit {
  readonly #bytesPerMs: number;
  readonly #quantum: number;
  readonly #time: ReactorTime;
  readonly #waiters = new Set<Waiter>();
  #level: number;
  #filledAt: number;
  #timer: DelayedCall | null = null;

  /** @throws {RangeError} when the rate is not a positive number */
  constructor(bytesPerSecond: number, time: ReactorTime) {
    if (!(bytesPerSecond > 0 && bytesPerSecond < Infinity)) {
      throw new RangeError(
        `Cannot throttle: "${bytesPerSecond}" is not a positive number of bytes per second`,
      );
    }
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#quantum = Math.max(1, this.#bytesPerMs * quantumMs);
    this.#time = time;
    this.#level = this.#quantum;
    this.#filledAt = time.now();
  }

  /** Take `bytes` if they are available and nobody waits for them. */
  take(bytes: number): boolean {
    this.#fill();
    if (this.#waiters.size > 0 || this.#level < bytes) return false;
    this.#level -= bytes;
    return true;
  }

  /** Count `bytes` that have passed already. Returns false when that leaves a debt. */
  spend(bytes: number): boolean {
    this.#fill();
    this.#level -= bytes;
    return this.#level >= 0;
  }

  /** Call `waiter` once, when there is something to share out again. */
  wait(waiter: Waiter): void {
    this.#waiters.add(waiter);
    this.#arrange();
  }

  forget(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #fill(): void {
    const now = this.#time.now();
    const gained = (now - this.#filledAt) * this.#bytesPerMs;
    this.#level = Math.min(2 * this.#quantum, this.#level + gained);
    this.#filledAt = now;
  }

  #arrange(): void {
    this.#fill();
    // Whole milliseconds, so that rounding never leaves a fraction of a byte to wait for.
    const ms = Math.max(1, Math.ceil((this.#quantum - this.#level) / this.#bytesPerMs));
    this.#timer ??= this.#time.callLater(ms, this.#shareOut);
  }

  readonly #shareOut = (): void => {
    this.#timer = null;
    this.#fill();
    const share = Math.max(1, Math.floor(this.#level / this.#waiters.size));
    for (const waiter of [...this.#waiters]) {
      if (this.#level < share) break;
      if (this.#waiters.delete(waiter)) waiter(share);
    }
    if (this.#waiters.size > 0) this.#arrange();
  };
}
