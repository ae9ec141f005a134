import { Waiters } from "./_waiters.ts";

/** What {@linkcode DeferredSemaphore.acquire} gives; `using` gives it back. */
export interface Permit extends Disposable {
  /** Give it back. A second time does nothing. */
  release(): void;
}

/**
 * Lets a number of tasks at a time through, in the order in which they asked.
 *
 * @example At most four at a time
 * ```ts
 * import { DeferredSemaphore } from "@heddle/heddle";
 *
 * const semaphore = new DeferredSemaphore(4);
 *
 * async function resolveName(name: string): Promise<string[]> {
 *   using _permit = await semaphore.acquire();
 *   return await Deno.resolveDns(name, "A");
 * }
 * ```
 */
export class DeferredSemaphore {
  readonly #waiters = new Waiters<Permit>();
  #available: number;

  /**
   * One with all its permits.
   *
   * @param limit permits there are
   * @throws {RangeError} when `limit` is not a whole number, 1 or more
   */
  constructor(readonly limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(
        `Cannot make a semaphore of "${limit}" permits: must be a whole number, 1 or more`,
      );
    }
    this.#available = limit;
  }

  /** Permits that nobody holds. */
  get available(): number {
    return this.#available;
  }

  /** Calls of `acquire` that wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * A permit, as soon as there is one.
   *
   * @throws the signal's reason; no permit is lost to it
   */
  async acquire(options: { readonly signal?: AbortSignal } = {}): Promise<Permit> {
    options.signal?.throwIfAborted();
    if (this.#available === 0) return await this.#waiters.wait(options.signal);
    this.#available--;
    return this.#permit();
  }

  /** Run `fn` with a permit; the result is its own. */
  async run<T>(fn: () => T, options: { readonly signal?: AbortSignal } = {}): Promise<Awaited<T>> {
    using _permit = await this.acquire(options);
    return await fn();
  }

  #permit(): Permit {
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      // Handed on at once: one who comes between must not overtake those who wait.
      if (!this.#waiters.serve(this.#permit())) this.#available++;
    };
    return { release, [Symbol.dispose]: release };
  }
}
