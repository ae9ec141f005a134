/** What somebody who waits for a connection may say. */
export interface WaitOptions {
  /** Reject once so many attempts have failed from now on, with what the last one failed with. Default: never. */
  readonly failAfterFailures?: number;
  /** Reject with its reason once it is aborted. */
  readonly signal?: AbortSignal;
}

interface Waiter<P> {
  /** Attempts that may still fail. */
  patience: number;
  resolve(protocol: P): void;
  reject(reason: unknown): void;
}

/** Those who wait for a client's connection. */
export class ConnectWaiters<P> {
  readonly #waiting = new Set<Waiter<P>>();

  wait({ failAfterFailures = Infinity, signal }: WaitOptions): Promise<P> {
    const { promise, resolve, reject } = Promise.withResolvers<P>();
    const giveUp = (): void => waiter.reject(signal?.reason);
    const leave = (): void => {
      signal?.removeEventListener("abort", giveUp);
      this.#waiting.delete(waiter);
    };
    const waiter: Waiter<P> = {
      patience: failAfterFailures,
      resolve: (protocol) => {
        leave();
        resolve(protocol);
      },
      reject: (reason) => {
        leave();
        reject(reason);
      },
    };
    this.#waiting.add(waiter);
    signal?.addEventListener("abort", giveUp, { once: true });
    return promise;
  }

  connected(protocol: P): void {
    for (const waiter of this.#waiting) waiter.resolve(protocol);
  }

  attemptFailed(error: unknown): void {
    for (const waiter of this.#waiting) if (--waiter.patience <= 0) waiter.reject(error);
  }

  cancel(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(reason);
  }
}
