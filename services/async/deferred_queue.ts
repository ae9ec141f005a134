import { Fifo } from "./fifo.ts";
import { Waiters } from "./_waiters.ts";

/** The queue holds as many values as it may. */
export class QueueOverflow extends Error {
  /** The name of the class. */
  override readonly name = "QueueOverflow";
}

/** As many wait for a value as may. */
export class QueueUnderflow extends Error {
  /** The name of the class. */
  override readonly name = "QueueUnderflow";
}

/** The bounds of a {@linkcode DeferredQueue}. */
export interface DeferredQueueOptions {
  /** Values held at most; 0 accepts a value only when somebody waits for it. Default: no limit. */
  readonly size?: number;
  /** Calls of `get` that wait at most. Default: no limit. */
  readonly backlog?: number;
}

/**
 * Values in the order in which they were put, for those who get them in the order in which they asked.
 * Give it a `size` when a stranger decides how much is put.
 *
 * @example
 * ```ts
 * import { DeferredQueue } from "@heddle/heddle";
 *
 * const jobs = new DeferredQueue<string>({ size: 100 });
 * const first = jobs.get();
 * jobs.put("sweep");
 * console.assert(await first === "sweep");
 * ```
 */
export class DeferredQueue<T> {
  readonly #values = new Fifo<T>();
  readonly #getters = new Waiters<T>();
  readonly #size: number;
  readonly #backlog: number;

  /**
   * An empty queue.
   *
   * @throws {RangeError} when a bound is neither a whole number, 0 or more, nor `Infinity`
   */
  constructor({ size = Infinity, backlog = Infinity }: DeferredQueueOptions = {}) {
    this.#size = checkBound("size", size);
    this.#backlog = checkBound("backlog", backlog);
  }

  /** Values that wait to be got. */
  get pending(): number {
    return this.#values.size;
  }

  /** Calls of `get` that wait for a value. */
  get waiting(): number {
    return this.#getters.size;
  }

  /**
   * Add a value, or give it to whoever has waited longest.
   *
   * @throws {QueueOverflow} when `size` values are held already
   */
  put(value: T): void {
    if (this.#getters.serve(value)) return;
    if (this.#values.size >= this.#size) {
      throw new QueueOverflow(`Cannot put a value: the queue holds ${this.#size} already`);
    }
    this.#values.push(value);
  }

  /**
   * The oldest value, as soon as there is one. No value is lost to a `get` whose signal was aborted.
   *
   * @throws {QueueUnderflow} when `backlog` calls wait already
   * @throws the signal's reason
   */
  async get(options: { readonly signal?: AbortSignal } = {}): Promise<T> {
    options.signal?.throwIfAborted();
    if (this.#values.size > 0) return this.#values.shift();
    if (this.#getters.size >= this.#backlog) {
      throw new QueueUnderflow(`Cannot get a value: ${this.#backlog} calls wait for one already`);
    }
    return await this.#getters.wait(options.signal);
  }
}

function checkBound(name: string, bound: number): number {
  if (bound === Infinity || (Number.isInteger(bound) && bound >= 0)) return bound;
  throw new RangeError(`Cannot make a queue with ${name} "${bound}": must be a whole number, 0 or more`);
}
