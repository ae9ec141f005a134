/** What is known of a path. */
interface Entry<T> {
  readonly value: T;
  readonly weight: number;
  /** When it was last looked up in the file system. */
  readonly checkedAt: number;
  /** Asked for since the last round of making room. */
  used: boolean;
}

/** Where the memory comes from, in octets. */
export interface MemoryBudget {
  /** Take so much; false when there is not so much left. */
  take(weight: number): boolean;
  /** Give it back. */
  give(weight: number): void;
}

/** Paths that are remembered at once. */
const MOST_ENTRIES = 4096;

/**
 * Remembers what was found at paths, as far as the budget goes. When room is needed, what has not been asked for
 * goes, the oldest first (the clock algorithm).
 */
export class FileCache<T> implements Disposable {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #budget: MemoryBudget;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** What was found at `path`, and when that was seen to be true; undefined when nothing is remembered. */
  get(path: string): Readonly<Entry<T>> | undefined {
    const entry = this.#entries.get(path);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  set(path: string, value: T, weight: number, checkedAt: number): void {
    this.delete(path);
    while (this.#entries.size >= MOST_ENTRIES || !this.#budget.take(weight)) {
      if (this.#entries.size === 0) return;
      this.#makeRoom();
    }
    this.#entries.set(path, { value, weight, checkedAt, used: false });
  }

  delete(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#budget.give(entry.weight);
  }

  [Symbol.dispose](): void {
    for (const path of this.#entries.keys()) this.delete(path);
  }

  #makeRoom(): void {
    for (const [path, entry] of this.#entries) {
      if (!entry.used) return this.delete(path);
      entry.used = false;
      this.#entries.delete(path);
      this.#entries.set(path, entry);
    }
  }
}
