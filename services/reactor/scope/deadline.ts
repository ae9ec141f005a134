import type { DelayedCall, ReactorTime } from "../../async/time.ts";

/** A moment that can be brought forward, but not put off. */
export class Deadline {
  /** Resolves when it has passed. */
  readonly passed: Promise<void>;
  readonly #time: ReactorTime;
  readonly #pass: () => void;
  #call: DelayedCall | null = null;
  #hasPassed = false;

  /** `within` ms from now; 0 has passed already. */
  constructor(time: ReactorTime, within: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.passed = promise;
    this.#time = time;
    this.#pass = () => {
      this.#hasPassed = true;
      resolve();
    };
    if (within === 0) this.#pass();
    else this.#call = time.callLater(within, this.#pass);
  }

  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /** No later than `within` ms from now. */
  hasten(within: number): void {
    if (this.#call?.active !== true || this.#time.now() + within >= this.#call.time) return;
    if (within > 0) return this.#call.reset(within);
    this.#call.cancel();
    this.#pass();
  }

  /** It will not pass any more. */
  cancel(): void {
    this.#call?.cancel();
  }
}
