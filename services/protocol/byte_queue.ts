const nothing = new Uint8Array();
const smallestOwn = 64;

/**
 * Bytes that have arrived and are not yet understood: chunks go in at the back, messages come out at the
 * front. Each byte is copied a bounded number of times, however small the chunks; a chunk that holds
 * whole messages is not copied at all. What `take` returns is never written to again by the queue.
 */
export class ByteQueue {
  // The unread bytes are those of #bytes from #start on.
  #bytes: Uint8Array = nothing;
  #start = 0;
  // Whether the memory behind #bytes is the queue's own, so that there may be room after its end.
  #own = false;

  /** How many bytes wait. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** Add `chunk` at the back. An empty queue refers to it until {@linkcode own} is called. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) this.#hold(chunk, false);
    else this.#append(chunk);
  }

  /** Put `bytes` in front of what waits. */
  unshift(bytes: Uint8Array): void {
    if (this.length === 0) return this.push(bytes);
    const joined = new Uint8Array(bytes.length + this.length);
    joined.set(bytes);
    joined.set(this.#bytes.subarray(this.#start), bytes.length);
    this.#hold(joined, true);
  }

  /** Copy what is left of a chunk that belongs to somebody else, and let go of the chunk. */
  own(): void {
    if (!this.#own && this.length > 0) this.#hold(this.#bytes.slice(this.#start), true);
  }

  /** The byte at `index` from the front; undefined when it has not come yet. */
  at(index: number): number | undefined {
    return this.#bytes[this.#start + index];
  }

  /** Where `pattern` (at least one byte) begins, not before `from`, counted from the front; -1 for nowhere. */
  indexOf(pattern: Uint8Array, from = 0): number {
    const bytes = this.#bytes;
    const first = pattern[0]!;
    const last = bytes.length - pattern.length;
    let at = bytes.indexOf(first, this.#start + from);
    while (at !== -1 && at <= last) {
      if (startsWithAt(bytes, pattern, at)) return at - this.#start;
      at = bytes.indexOf(first, at + 1);
    }
    return -1;
  }

  /** Remove the first `length` bytes (no more than wait) and return them: a view, the caller's to keep. */
  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#start, this.#start + length);
    this.skip(length);
    return taken;
  }

  /** Remove the first `length` bytes, or all if there are fewer. Returns how many there were. */
  skip(length: number): number {
    const skipped = Math.min(length, this.length);
    this.#start += skipped;
    if (this.length === 0) this.clear();
    return skipped;
  }

  /** Forget everything. */
  clear(): void {
    this.#hold(nothing, false);
  }

  #hold(bytes: Uint8Array, own: boolean): void {
    this.#bytes = bytes;
    this.#start = 0;
    this.#own = own;
  }

  #append(chunk: Uint8Array): void {
    const { buffer, byteOffset, length } = this.#bytes;
    const longer = length + chunk.length;
    if (this.#own && byteOffset + longer <= buffer.byteLength) {
      this.#bytes = new Uint8Array(buffer, byteOffset, longer);
      this.#bytes.set(chunk, length);
      return;
    }
    // Twice what is needed now, so that many small chunks do not copy the same bytes again and again.
    const waiting = this.length;
    const capacity = Math.max(2 * (waiting + chunk.length), smallestOwn);
    const grown = new Uint8Array(new ArrayBuffer(capacity), 0, waiting + chunk.length);
    grown.set(this.#bytes.subarray(this.#start));
    grown.set(chunk, waiting);
    this.#hold(grown, true);
  }
}

function startsWithAt(bytes: Uint8Array, pattern: Uint8Array, at: number): boolean {
  for (let i = 1; i < pattern.length; i++) {
    if (bytes[at + i] !== pattern[i]) return false;
  }
  return true;
}
