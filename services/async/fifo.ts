/**
 * First in, first out, at O(1) each on average: `Array.prototype.shift` moves the whole of a long array every
 * time. What comes in is kept in order in one array, what goes out in reverse in another.
 */
export class Fifo<T> {
  #inbox: T[] = [];
  #outbox: T[] = [];

  /** How many wait. */
  get size(): number {
    return this.#inbox.length + this.#outbox.length;
  }

  /** Put something at the end. */
  push(item: T): void {
    this.#inbox.push(item);
  }

  /**
   * Take what has waited longest.
   * @throws {RangeError} when it is empty
   */
  shift(): T {
    if (this.size === 0) throw new RangeError("Cannot take from an empty queue");
    if (this.#outbox.length === 0) [this.#outbox, this.#inbox] = [this.#inbox.reverse(), this.#outbox];
    return this.#outbox.pop() as T;
  }
}
