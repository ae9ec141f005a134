/** Chunks up to this size are cut from a common slab; larger ones stand alone. */
const MOST_CUT = 8 * 1024;
const SLAB = 64 * 1024;

/**
 * Copies what was read into chunks that may be kept. Small ones share a slab, as in Node's `Buffer`: an
 * `ArrayBuffer` of its own costs a small chunk more than all the rest of its journey.
 */
export class Chunks {
  #slab: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #at = 0;

  /** A copy of `part`. */
  copy(part: Uint8Array): Uint8Array<ArrayBuffer> {
    const size = part.length;
    // This constructor does not clear the memory before it copies; `slice` does.
    if (size > MOST_CUT) return new Uint8Array(part);
    let at = this.#at;
    if (at + size > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB);
      at = 0;
    }
    this.#slab.set(part, at);
    // Aligned, for those who look at the chunk through wider views.
    this.#at = (at + size + 7) & ~7;
    return this.#slab.subarray(at, at + size);
  }
}
