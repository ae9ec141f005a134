import { LoopingCall } from "./async/looping_call.ts";
import type { ServiceContext } from "./context.ts";
import type { Service } from "./service.ts";

/**
 * Calls a function at an interval for as long as it runs: at once, then every `ms`, in phase with its start
 * and never two calls at a time (see `LoopingCall`). A call that throws or rejects fails the service; a stop
 * waits for the call under way.
 *
 * @example
 * ```ts
 * import { TimerService } from "@heddle/heddle";
 *
 * const heartbeat = new TimerService(1_000, () => console.log("alive"));
 * ```
 */
export class TimerService implements Service {
  readonly #interval: number;
  readonly #fn: () => unknown;

  /**
   * `ms` between the starts of two calls.
   * @throws {RangeError} when `ms` is negative or not finite
   */
  constructor(ms: number, fn: () => unknown) {
    if (!(ms >= 0 && ms < Infinity)) {
      throw new RangeError(`Cannot call every "${ms}" ms: must be finite and not negative`);
    }
    this.#interval = ms;
    this.#fn = fn;
  }

  /** See {@linkcode Service.start}. */
  start(ctx: ServiceContext): void {
    const loop = new LoopingCall(ctx.reactor, () => this.#fn());
    ctx.spawn(() => loop.start(this.#interval).then(() => {}));
    ctx.draining.addEventListener("abort", () => loop.stop(), { once: true });
  }
}
