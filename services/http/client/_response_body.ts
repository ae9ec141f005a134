/** Unread body over which the server is made to wait. */
const HIGH_WATER = 64 * 1024;

/** The connection that a body comes on. */
export interface ResponseSource {
  /** More came than is read: stop for now. */
  pause(): void;
  /** Go on. */
  resume(): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

const done: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** A response's body on its way to whoever reads it, who must take it all or `return`. */
export class ResponseBody implements AsyncIterableIterator<Uint8Array> {
  readonly #source: ResponseSource;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #paused = false;
  #ended = false;
  #error: unknown = null;
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | null = null;

  constructor(source: ResponseSource) {
    this.#source = source;
  }

  /** All of it has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the connection waits for the reader. */
  get paused(): boolean {
    return this.#paused;
  }

  /** All of it, if it has come and is no more than `most` bytes: it is then taken. Else null. */
  takeWhole(most: number): Uint8Array | null {
    if (!this.#ended || this.#queued > most) return null;
    if (this.#queue.length === 1) return this.#queue.pop()!;
    const whole = new Uint8Array(this.#queued);
    let at = 0;
    for (const chunk of this.#queue.splice(0)) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  // The connection's side

  /** A piece that is only lent. */
  push(chunk: Uint8Array): void {
    const copy = new Uint8Array(chunk);
    const reader = this.#reader;
    if (reader !== null) {
      this.#reader = null;
      return reader.resolve({ done: false, value: copy });
    }
    this.#queue.push(copy);
    this.#queued += copy.length;
    if (this.#queued < HIGH_WATER || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  end(): void {
    this.#ended = true;
    this.#reader?.resolve(done);
    this.#reader = null;
  }

  fail(error: unknown): void {
    if (this.#ended || this.#error !== null) return;
    this.#error = error;
    this.#reader?.reject(error);
    this.#reader = null;
  }

  // The reader's side

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queued -= chunk.length;
      if (this.#paused && this.#queued < HIGH_WATER) {
        this.#paused = false;
        this.#source.resume();
      }
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#ended) return Promise.resolve(done);
    if (this.#error !== null) return Promise.reject(this.#error);
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#queue.length = 0;
    if (!this.#ended) this.#source.abandon();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
