import { isPromiseLike } from "./_promise_like.ts";
import type { DelayedCall, ReactorTime } from "./time.ts";

/** What a {@linkcode LoopingCall} does: between two calls, in one, or in the last one. */
type State =
  | { readonly kind: "stopped" }
  | { readonly kind: "waiting"; readonly call: DelayedCall }
  | { readonly kind: "calling" }
  | { readonly kind: "stopping" };

const STOPPED: State = { kind: "stopped" };

/**
 * Calls a function again and again.
 *
 * The calls keep the phase of the start: with an interval of 1000 ms they come at 0, 1000, 2000 after it.
 * A function that returns a promise is not called again before that has settled. Ticks that are missed,
 * because the function or the machine took too long, are skipped: after 1000 and a delay until 3700 the next
 * comes at 4000. The function is told how many ticks it stands for (Twisted's `withCount`): 1 when all goes
 * well, 2 for the one at 3700.
 *
 * @example
 * ```ts
 * import { LoopingCall } from "@heddle/heddle";
 * import { Clock } from "@heddle/heddle/testing";
 *
 * const clock = new Clock();
 * const seen: number[] = [];
 * const loop = new LoopingCall(clock, () => {
 *   seen.push(clock.now());
 *   if (seen.length === 3) loop.stop();
 * });
 * const done = loop.start(10);
 * clock.advance(60);
 * await done;
 * console.assert(seen.join() === "0,10,20");
 * ```
 */
export class LoopingCall {
  readonly #time: ReactorTime;
  readonly #fn: (ticks: number) => unknown;
  #state: State = STOPPED;
  #done: PromiseWithResolvers<void> = Promise.withResolvers();
  #interval = 0;
  /** Tick n is due at `#origin + n * #interval`. */
  #origin = 0;
  /** The tick of the last call, and the one that the next is arranged for. */
  #lastTick = 0;
  #nextTick = 0;

  /**
   * One that is not running yet.
   *
   * @param time the reactor, or a `Clock`
   * @param fn is given the number of ticks since its last call, this one included
   */
  constructor(time: ReactorTime, fn: (ticks: number) => unknown) {
    this.#time = time;
    this.#fn = fn;
  }

  /** True from `start` until `stop`, or until a call fails. */
  get running(): boolean {
    return this.#state.kind === "waiting" || this.#state.kind === "calling";
  }

  /** Milliseconds between two calls, as given to {@linkcode LoopingCall.start}. */
  get interval(): number {
    return this.#interval;
  }

  /**
   * Begin.
   *
   * @param intervalMs milliseconds; 0 calls again in the reactor's next turn, always
   * @param now whether to make the first call here and now, or after one interval
   * @returns resolves after `stop`, when no call is under way; rejects with what a call threw, which ends the loop
   * @throws {RangeError} when the interval is negative or not finite
   */
  async start(intervalMs: number, now = true): Promise<void> {
    if (!(intervalMs >= 0 && intervalMs < Infinity)) {
      throw new RangeError(`Cannot call every "${intervalMs}" ms: must be finite and not negative`);
    }
    if (this.#state.kind !== "stopped") {
      throw new Error("Cannot start a LoopingCall that has not ended: await what its start returned");
    }
    this.#done = Promise.withResolvers();
    this.#interval = intervalMs;
    this.#origin = this.#time.now();
    this.#lastTick = now ? -1 : 0;
    this.#nextTick = 0;
    const { promise } = this.#done;
    if (now) this.#callFunction();
    else this.#arrangeNext();
    await promise;
  }

  /** Make no more calls. One that is under way goes on to its end. */
  stop(): void {
    if (this.#state.kind === "calling") {
      this.#state = { kind: "stopping" };
    } else if (this.#state.kind === "waiting") {
      this.#state.call.cancel();
      this.#end();
    }
  }

  /**
   * Begin a new phase here: the next call comes one interval from now.
   *
   * @throws {Error} when it is not running
   */
  reset(): void {
    if (!this.running) throw new Error("Cannot reset a LoopingCall that is not running");
    this.#origin = this.#time.now();
    this.#lastTick = 0;
    this.#nextTick = 0;
    if (this.#state.kind !== "waiting") return;
    this.#state.call.cancel();
    this.#arrangeNext();
  }

  #arrangeNext(): void {
    const now = this.#time.now();
    // Rounding may show the time a hair before the tick that was just served: do not serve it twice.
    this.#nextTick = Math.max(this.#tickAt(now), this.#nextTick) + 1;
    const due = this.#origin + this.#nextTick * this.#interval;
    const call = this.#time.callLater(Math.max(0, due - now), () => this.#callFunction());
    this.#state = { kind: "waiting", call };
  }

  #callFunction(): void {
    const tick = Math.max(this.#tickAt(this.#time.now()), this.#nextTick);
    const ticks = tick - this.#lastTick;
    this.#lastTick = this.#nextTick = tick;
    this.#state = { kind: "calling" };
    try {
      const result = this.#fn(ticks);
      if (isPromiseLike(result)) {
        Promise.resolve(result).then(() => this.#onReturn(), (error) => this.#onThrow(error));
      } else {
        this.#onReturn();
      }
    } catch (error) {
      this.#onThrow(error);
    }
  }

  #onReturn(): void {
    if (this.#state.kind === "stopping") this.#end();
    else this.#arrangeNext();
  }

  #onThrow(error: unknown): void {
    this.#state = STOPPED;
    this.#done.reject(error);
  }

  #end(): void {
    this.#state = STOPPED;
    this.#done.resolve();
  }

  /** The last tick that was due by then. */
  #tickAt(time: number): number {
    return this.#interval === 0 ? 0 : Math.floor((time - this.#origin) / this.#interval);
  }
}
