const LF = 0x0a;
const CR = 0x0d;

/** Cuts a message after its header, the empty line behind that, and so many lines of its body (RFC 1939, TOP). */
export class TopLines {
  /** Of the body, that are still to come. */
  #left: number;
  #inHeader = true;
  /** Octets of the line so far, in earlier pieces; and the last of them. */
  #length = 0;
  #last = 0;

  /** @param lines of the body */
  constructor(lines: number) {
    this.#left = lines;
  }

  /** How many of the next bytes belong to it: fewer than there are, or as many when more may follow. */
  take(bytes: Uint8Array): { readonly length: number; readonly done: boolean } {
    let start = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if (this.#endsLine(at - start + this.#length, at === 0 ? this.#last : bytes[at - 1]!)) {
        return { length: at + 1, done: true };
      }
      start = at + 1;
      this.#length = 0;
    }
    this.#length += bytes.length - start;
    this.#last = bytes[bytes.length - 1] ?? this.#last;
    return { length: bytes.length, done: false };
  }

  /** A line of so many octets before its LF is complete; whether it was the last one. */
  #endsLine(length: number, before: number): boolean {
    if (!this.#inHeader) return --this.#left <= 0;
    const isEmpty = length === 0 || length === 1 && before === CR;
    if (!isEmpty) return false;
    this.#inHeader = false;
    return this.#left === 0;
  }
}
