import { DeferredSemaphore, type Permit } from "./deferred_semaphore.ts";

/**
 * Lets one task at a time through, in the order in which they asked. Not re-entrant: who holds it and asks
 * again waits for ever.
 *
 * @example
 * ```ts
 * import { DeferredLock } from "@heddle/heddle";
 *
 * const lock = new DeferredLock();
 * const balances = { from: 10, to: 0 };
 * await lock.run(async () => {
 *   const amount = await Promise.resolve(balances.from);
 *   balances.from -= amount;
 *   balances.to += amount;
 * });
 * ```
 */
export class DeferredLock {
  readonly #semaphore = new DeferredSemaphore(1);

  /** True while somebody holds it. */
  get locked(): boolean {
    return this.#semaphore.available === 0;
  }

  /** Calls of `acquire` that wait. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /**
   * The lock, as soon as it is free. `release()` on what this resolves with, or `using`, gives it back.
   *
   * @throws the signal's reason
   */
  acquire(options: { readonly signal?: AbortSignal } = {}): Promise<Permit> {
    return this.#semaphore.acquire(options);
  }

  /** Run `fn` under the lock; the result is its own. */
  run<T>(fn: () => T, options: { readonly signal?: AbortSignal } = {}): Promise<Awaited<T>> {
    return this.#semaphore.run(fn, options);
  }
}
