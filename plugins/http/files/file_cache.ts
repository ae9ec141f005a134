/** What is known of a path. */
interface Entry<T> {
  value: T;
  weight: number;
  /** When it was last looked up in the file system. */
  checkedAt: number;
  /** Asked for since the last round of making room. */
  used: boolean;
}

/** Paths that are remembered at once. */
const MOST_ENTRIES = 4096;

/**
 * Remembers what was found at paths, up to a weight in octets. When room is needed, what has not been asked for
 * goes, the oldest first (the clock algorithm).
 */
export class FileCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #most: number;
  #weight = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** What was found at `path`, and when that was seen to be true; undefined when nothing is remembered. */
  get(path: string): Readonly<Entry<T>> | undefined {
    const entry = this.#entries.get(path);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  set(path: string, value: T, weight: number, checkedAt: number): void {
    this.delete(path);
    if (weight > this.#most) return;
    while (this.#entries.size >= MOST_ENTRIES || this.#weight + weight > this.#most) this.#makeRoom();
    this.#entries.set(path, { value, weight, checkedAt, used: false });
    this.#weight += weight;
  }

  delete(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#weight -= entry.weight;
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
