/** What an idle connection waits with. */
const SMALL = 1024;
/** What a connection reads with while more is there than fits the small one. */
const LARGE = 64 * 1024;
/** What it gets instead while too many large ones are lent. */
const MIDDLE = 4 * 1024;
/** Large buffers lent at once: 16 MiB. */
const MOST_LENT = 256;
/** Free large buffers kept for the next borrower: 2 MiB. */
const MOST_FREE = 32;
/** After so many bursts in a row a connection counts as busy, and waits with its large buffer in hand. */
const BUSY = 4;
/** After so many small reads in a row it no longer does. */
const QUIET = 8;

/**
 * The large read buffers of a reactor, lent to the connections that have much to read just now. One per
 * connection would cost 64 KiB each for ever, and a fresh one per read 2.5 times the CPU of a whole echo.
 */
export class ReadBuffers {
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #lent = 0;

  /** True while a connection that merely waits may keep what it has borrowed. */
  get plenty(): boolean {
    return this.#lent <= MOST_LENT / 2;
  }

  borrow(): Uint8Array<ArrayBuffer> {
    if (this.#lent >= MOST_LENT) return new Uint8Array(MIDDLE);
    this.#lent++;
    return this.#free.pop() ?? new Uint8Array(LARGE);
  }

  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length !== LARGE) return;
    this.#lent--;
    if (this.#free.length < MOST_FREE) this.#free.push(buffer);
  }

  /** The borrower is gone, but somebody may still look at `buffer`. */
  writeOff(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length === LARGE) this.#lent--;
  }
}

/**
 * Chooses what one connection reads into: a small buffer of its own while it waits, a large one that is
 * borrowed while data comes faster than that holds. A single burst must not pin the large one, since the
 * read that then waits for the next byte holds its buffer for as long as that takes.
 */
export class ReadBuffer {
  readonly #lender: ReadBuffers;
  #small: Uint8Array<ArrayBuffer> | null = null;
  /** Of the small one, what was read last. */
  #part: Uint8Array<ArrayBuffer> | null = null;
  #large: Uint8Array<ArrayBuffer> | null = null;
  #full = false;
  #bursts = 0;
  #quiet = 0;

  constructor(lender: ReadBuffers) {
    this.#lender = lender;
  }

  /** Whether the last read filled its buffer, so that more is likely to be there. */
  get full(): boolean {
    return this.#full;
  }

  /** What the next read goes into. What the one before was given is overwritten. */
  next(): Uint8Array<ArrayBuffer> {
    if (this.#large !== null) {
      if (this.#full || (this.#bursts >= BUSY && this.#lender.plenty)) return this.#large;
      this.release();
    } else if (this.#full) {
      return this.#large = this.#lender.borrow();
    }
    return this.#small ??= new Uint8Array(SMALL);
  }

  /**
   * The first `size` bytes of `buffer`, which `next` gave. A peer often sends as much as the time before, and to
   * look whether that view serves again costs less than to make one. Of a borrowed buffer none is kept: it would
   * hold on to what is given back.
   */
  part(buffer: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
    if (buffer !== this.#small) return buffer.subarray(0, size);
    if (this.#part?.length !== size) this.#part = buffer.subarray(0, size);
    return this.#part;
  }

  /** The last read brought `size` bytes. */
  filled(size: number): void {
    if (this.#large !== null) {
      this.#full = size === this.#large.length;
      if (size > SMALL) {
        this.#quiet = 0;
        if (!this.#full && this.#bursts < BUSY) this.#bursts++;
      } else if (++this.#quiet >= QUIET) {
        this.#bursts = 0;
      }
    } else {
      this.#full = size === SMALL;
      if (!this.#full && this.#bursts > 0 && ++this.#quiet >= QUIET) this.#bursts = 0;
    }
  }

  /** Give back what is borrowed. No read may be under way. */
  release(): void {
    if (this.#large === null) return;
    this.#lender.giveBack(this.#large);
    this.#large = null;
  }

  /** As `release`, where what was read last may still be on its way out: use neither buffer any more. */
  abandon(): void {
    this.#small = this.#part = null;
    if (this.#large === null) return;
    this.#lender.writeOff(this.#large);
    this.#large = null;
  }
}
