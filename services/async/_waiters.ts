/** Those who wait for their turn, first come first served. One whose signal is aborted leaves the line. */
export class Waiters<T> {
  readonly #line = new Set<(value: T) => void>();

  get size(): number {
    return this.#line.size;
  }

  /** Get in line. Rejects with the signal's reason when the signal, not aborted so far, is. */
  wait(signal?: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const leave = (): void => {
      this.#line.delete(serve);
      reject(signal?.reason);
    };
    const serve = (value: T): void => {
      signal?.removeEventListener("abort", leave);
      resolve(value);
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.#line.add(serve);
    return promise;
  }

  /** Give `value` to the first in line; false when nobody waits. */
  serve(value: T): boolean {
    for (const serve of this.#line) {
      this.#line.delete(serve);
      serve(value);
      return true;
    }
    return false;
  }
}
