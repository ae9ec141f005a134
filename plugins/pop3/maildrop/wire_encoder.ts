const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const crlf = Uint8Array.of(CR, LF);
const nothing = new Uint8Array();

/**
 * Makes a stored message what is sent: every line ends with CRLF, and one that begins with a dot gets another
 * (RFC 1939, section 3).
 */
export class WireEncoder {
  #atLineStart = true;
  #last = 0;

  /** The next bytes of the message as they are sent: the same ones where nothing has to be changed. */
  encode(bytes: Uint8Array): Uint8Array {
    const added = this.#count(bytes);
    const encoded = added === 0 ? bytes : this.#rewrite(bytes, added);
    if (bytes.length > 0) {
      this.#last = bytes[bytes.length - 1]!;
      this.#atLineStart = this.#last === LF;
    }
    return encoded;
  }

  /** What ends the last line, if it has no end. */
  finish(): Uint8Array {
    return this.#atLineStart ? nothing : this.#last === CR ? crlf.subarray(1) : crlf;
  }

  /** Octets that have to be added. */
  #count(bytes: Uint8Array): number {
    let added = this.#atLineStart && bytes[0] === DOT ? 1 : 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : bytes[at - 1]) !== CR) added++;
      if (bytes[at + 1] === DOT) added++;
    }
    return added;
  }

  #rewrite(bytes: Uint8Array, added: number): Uint8Array {
    const encoded = new Uint8Array(bytes.length + added);
    let to = 0;
    let previous = this.#last;
    let atLineStart = this.#atLineStart;
    for (const byte of bytes) {
      if (byte === DOT && atLineStart) encoded[to++] = DOT;
      else if (byte === LF && previous !== CR) encoded[to++] = CR;
      encoded[to++] = byte;
      previous = byte;
      atLineStart = byte === LF;
    }
    return encoded;
  }
}

/** Octets of a message with every line ended by CRLF; dots that are added do not count (RFC 1939, section 11). */
export async function wireSizeOf(stream: ReadableStream<Uint8Array>): Promise<number> {
  let size = 0;
  let last = 0;
  for await (const bytes of stream) {
    size += bytes.length;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if ((at === 0 ? last : bytes[at - 1]) !== CR) size++;
    }
    last = bytes[bytes.length - 1] ?? last;
  }
  return size;
}
