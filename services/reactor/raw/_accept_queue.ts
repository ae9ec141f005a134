import { ConnectionLost } from "../errors.ts";

/** What has arrived meets the one who waits for it: the queue behind `accept` where no kernel keeps one. */
export class AcceptQueue<T> {
  #ready: T[] = [];
  #waiter: PromiseWithResolvers<T> | null = null;
  /** Why nothing is taken any more, once that is so. */
  #closed: { readonly reason: unknown } | null = null;
  #discard: (item: T) => void;

  /** `discard` disposes of what nobody took. */
  constructor(discard: (item: T) => void) {
    this.#discard = discard;
  }

  /** How many have arrived and wait. */
  get size(): number {
    return this.#ready.length;
  }

  put(item: T): void {
    if (this.#closed !== null) return this.#discard(item);
    if (this.#waiter === null) {
      this.#ready.push(item);
      return;
    }
    this.#waiter.resolve(item);
    this.#waiter = null;
  }

  /** Rejects with the reason once the queue is closed. */
  take(): Promise<T> {
    if (this.#closed !== null) return Promise.reject(this.#closed.reason);
    const item = this.#ready.shift();
    if (item !== undefined) return Promise.resolve(item);
    this.#waiter = Promise.withResolvers();
    return this.#waiter.promise;
  }

  /** Only the first call counts. */
  close(reason: unknown = new ConnectionLost("Listener is closed")): void {
    if (this.#closed !== null) return;
    this.#closed = { reason };
    for (const item of this.#ready.splice(0)) this.#discard(item);
    this.#waiter?.reject(reason);
    this.#waiter = null;
  }
}
