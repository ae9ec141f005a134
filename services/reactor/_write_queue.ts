/** Chunks are joined up to this size; a larger one travels alone, uncopied. */
const JOIN = 64 * 1024;

/** What waits to be sent: chunks in order, handed out joined, since a system call costs more than a copy. */
export class WriteQueue {
  /** The oldest chunk, as a rule the only one: a list of one would cost more than all the rest. */
  #first: Uint8Array | null = null;
  /** Those behind it. */
  #rest: Uint8Array[] | null = null;
  /** Where the oldest of those is. */
  #next = 0;

  /** Bytes that wait. */
  size = 0;

  push(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.#first === null) this.#first = chunk;
    else (this.#rest ??= []).push(chunk);
  }

  /** The next bytes to send: one chunk, or several small ones joined. The queue must not be empty. */
  take(): Uint8Array {
    const first = this.#first!;
    const rest = this.#rest;
    if (rest === null) {
      this.clear();
      return first;
    }
    let total = first.length;
    let end = this.#next;
    while (end < rest.length && total + rest[end]!.length <= JOIN) total += rest[end++]!.length;
    const taken = end === this.#next ? first : this.#join(first, rest, end, total);
    this.size -= total;
    this.#first = rest[end] ?? null;
    this.#next = end + 1;
    if (this.#next >= rest.length) {
      this.#rest = null;
      this.#next = 0;
    }
    return taken;
  }

  /** From now on hold copies of what lies in `buffer`. */
  takeCopies(buffer: ArrayBufferLike): void {
    if (this.#first?.buffer === buffer) this.#first = this.#first.slice();
    const rest = this.#rest ?? [];
    for (let at = this.#next; at < rest.length; at++) {
      const chunk = rest[at]!;
      if (chunk.buffer === buffer) rest[at] = chunk.slice();
    }
  }

  clear(): void {
    this.#first = this.#rest = null;
    this.#next = 0;
    this.size = 0;
  }

  #join(first: Uint8Array, rest: readonly Uint8Array[], end: number, total: number): Uint8Array {
    const joined = new Uint8Array(total);
    joined.set(first);
    let at = first.length;
    for (let next = this.#next; next < end; next++) {
      const chunk = rest[next]!;
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }
}
