/** Large enough that the work per chunk does not count, small enough for the processor's cache. */
const LARGE = 256 * 1024;
const SMALL = 64 * 1024;
/** So many bodies at once are sent in large chunks; each holds one while its client takes it. */
const MOST_LARGE = 128;
/** Kept while nobody needs them: 4 MiB. */
const MOST_IDLE = 16;

/** The buffers that files are read into. Large ones are used again: to clear memory costs as much as to read. */
export class ReadBuffers {
  readonly #idle: Uint8Array<ArrayBuffer>[] = [];
  #bodies = 0;

  opened(): void {
    this.#bodies++;
  }

  closed(): void {
    this.#bodies--;
  }

  /** A buffer for a chunk, where `left` octets are left to read; it may be larger. */
  take(left: number): Uint8Array<ArrayBuffer> {
    if (left <= SMALL) return new Uint8Array(left);
    if (this.#bodies > MOST_LARGE) return new Uint8Array(SMALL);
    return this.#idle.pop() ?? new Uint8Array(LARGE);
  }

  /** A chunk, or what was taken of it, is of no more use to anybody. */
  give(chunk: Uint8Array<ArrayBuffer>): void {
    if (chunk.buffer.byteLength === LARGE && this.#idle.length < MOST_IDLE) {
      this.#idle.push(new Uint8Array(chunk.buffer));
    }
  }
}
