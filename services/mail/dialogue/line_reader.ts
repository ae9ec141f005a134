import type { ByteQueue } from "../../protocol/byte_queue.ts";

const LF = Uint8Array.of(0x0a);
const CR = 0x0d;

/** What stands at the front of a queue: a line without its end, something that is none, or nothing yet. */
export type Line = Uint8Array | "incomplete" | "tooLong" | "bareNewline";

/** Takes lines that end in CRLF off a queue, in which no more than one line has to fit. */
export class LineReader {
  readonly #queue: ByteQueue;
  readonly #lenient: boolean;
  /** How many of the waiting bytes hold no LF. */
  #searched = 0;
  #skipping = false;

  /** @param lenient whether LF alone ends a line */
  constructor(queue: ByteQueue, lenient: boolean) {
    this.#queue = queue;
    this.#lenient = lenient;
  }

  /**
   * Take the next line, of at most `maxLength` octets. Of a longer one, `tooLong` is told once, as soon as it
   * is known; the rest is skipped.
   */
  next(maxLength: number): Line {
    const end = this.#queue.indexOf(LF, this.#searched);
    if (this.#skipping) return this.#skip(end, maxLength);
    const length = end < 0 ? -1 : this.#queue.at(end - 1) === CR ? end - 1 : end;
    if (end < 0 ? this.#queue.length > maxLength + 1 : length > maxLength) {
      this.#skipping = true;
      return "tooLong";
    }
    if (end < 0) {
      this.#searched = this.#queue.length;
      return "incomplete";
    }
    this.#searched = 0;
    const line = this.#queue.take(length);
    this.#queue.skip(end + 1 - length);
    return length < end || this.#lenient ? line : "bareNewline";
  }

  /** What waits is not part of a line any more. */
  reset(): void {
    this.#searched = 0;
  }

  #skip(end: number, maxLength: number): Line {
    this.#searched = 0;
    this.#queue.skip(end < 0 ? this.#queue.length : end + 1);
    if (end < 0) return "incomplete";
    this.#skipping = false;
    return this.next(maxLength);
  }
}
