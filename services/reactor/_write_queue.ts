/** Chunks are joined up to this size; a larger one travels alone, uncopied. */
const JOIN = 64 * 1024;

/** What waits to be sent: chunks in order, handed out joined, since a system call costs more than a copy. */
export class WriteQueue {
  #chunks: Uint8Array[] = [];
  #next = 0;

  /** Bytes that wait. */
  size = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  /** The next bytes to send: one chunk, or several small ones joined. The queue must not be empty. */
  take(): Uint8Array {
    const chunks = this.#chunks;
    const first = chunks[this.#next++]!;
    let total = first.length;
    let end = this.#next;
    while (end < chunks.length && total + chunks[end]!.length <= JOIN) total += chunks[end++]!.length;
    const taken = end === this.#next ? first : this.#join(first, end, total);
    this.size -= total;
    if (this.size === 0) this.clear();
    return taken;
  }

  /** From now on hold copies of what lies in `buffer`. */
  takeCopies(buffer: ArrayBufferLike): void {
    for (let at = this.#next; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!;
      if (chunk.buffer === buffer) this.#chunks[at] = chunk.slice();
    }
  }

  clear(): void {
    if (this.#chunks.length > 64) this.#chunks = [];
    else this.#chunks.length = 0;
    this.#next = 0;
    this.size = 0;
  }

  #join(first: Uint8Array, end: number, total: number): Uint8Array {
    const joined = new Uint8Array(total);
    joined.set(first);
    let at = first.length;
    while (this.#next < end) {
      const chunk = this.#chunks[this.#next++]!;
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }
}
