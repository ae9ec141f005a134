import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import { onAccountOf, type Owner } from "../attribution.ts";

/** A delayed call that its scope knows of until it has run or was cancelled. */
class ScopedCall implements DelayedCall {
  readonly #timers: ScopedTimers;
  call!: DelayedCall;

  constructor(timers: ScopedTimers) {
    this.#timers = timers;
  }

  get time(): number {
    return this.call.time;
  }

  get active(): boolean {
    return this.call.active;
  }

  cancel(): void {
    this.call.cancel();
    this.#timers.forget(this);
  }

  reset(ms: number): void {
    this.call.reset(ms);
  }

  delay(ms: number): void {
    this.call.delay(ms);
  }
}

/** The delayed calls of one scope. One that throws is its owner's error. */
export class ScopedTimers {
  readonly #time: ReactorTime;
  readonly #owner: Owner;
  readonly #calls = new Set<ScopedCall>();

  constructor(time: ReactorTime, owner: Owner) {
    this.#time = time;
    this.#owner = owner;
  }

  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, args: A): DelayedCall {
    const scoped = new ScopedCall(this);
    scoped.call = this.#time.callLater(ms, this.#run, scoped, fn as (...args: unknown[]) => void, args);
    this.#calls.add(scoped);
    return scoped;
  }

  forget(call: ScopedCall): void {
    this.#calls.delete(call);
  }

  cancelAll(): void {
    for (const call of [...this.#calls]) call.cancel();
  }

  readonly #run = (scoped: ScopedCall, fn: (...args: unknown[]) => void, args: unknown[]): void => {
    this.#calls.delete(scoped);
    try {
      onAccountOf(this.#owner, fn, ...args);
    } catch (error) {
      this.#owner.unhandled(error);
    }
  };
}
