import type { Address } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";

/** A listening socket in memory, with its queue. */
export class MemoryListener implements RawListener {
  readonly #queue: RawConn[] = [];
  readonly #onClosed: () => void;
  #waiting: PromiseWithResolvers<RawConn> | null = null;
  #closed = false;

  constructor(readonly host: Address, onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  /** A client has connected. */
  arrive(conn: RawConn): void {
    if (this.#waiting === null) return void this.#queue.push(conn);
    this.#waiting.resolve(conn);
    this.#waiting = null;
  }

  accept(): Promise<RawConn> {
    if (this.#closed) return Promise.reject(new Error("Listener is closed"));
    const queued = this.#queue.shift();
    if (queued !== undefined) return Promise.resolve(queued);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.reject(new Error("Listener is closed"));
    for (const conn of this.#queue.splice(0)) conn.close();
    this.#onClosed();
  }
}
