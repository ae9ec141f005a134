import { Buffer } from "node:buffer";
import { FieldLine, lineEnd, Unfinished } from "./_field_line.ts";
import { Octet, octets } from "./_octets.ts";
import { HttpError } from "./http_error.ts";
import type { HttpLimits } from "./options.ts";

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

/** Hexadecimal digits of a chunk's size: up to 2^52. */
const MOST_DIGITS = 13;
/** Octets of all chunk extensions of a body: nobody sends any, but to make us work. */
const MOST_EXTENSIONS = 4 * 1024;

/** RFC 9112, section 7.1.1, without the white space that it calls bad. */
const extensions =
  /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*"))?)+$/;

/** Who takes trailers for header fields would be misled by these (RFC 9110, section 6.5.1). */
const forbiddenTrailers = new Set(["content-length", "host", "transfer-encoding"]);

/** `size -> data -> data-end -> size`, from a size of 0 `trailers -> end`. */
type Phase = "size" | "data" | "data-end" | "trailers" | "end";

/** Reads a body in chunks (RFC 9112, section 7.1). */
export class ChunkedReader {
  readonly #limits: HttpLimits;
  readonly #line = new FieldLine();
  #phase: Phase = "size";
  #left = 0;
  #extensions = 0;
  #trailers = 0;
  #trailerOctets = 0;

  /** Where the data that was found is. */
  dataStart = 0;
  dataEnd = 0;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** The body was read to its end. */
  get ended(): boolean {
    return this.#phase === "end";
  }

  /**
   * Read on at `at`. Returns the position after a piece of data (`dataStart` to `dataEnd`) or, with no data,
   * after the body; `Unfinished` when a line does not end before `end`, to be given again with more.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    this.dataStart = this.dataEnd = at;
    while (at < end) {
      if (this.#phase === "data") {
        this.dataStart = at;
        this.dataEnd = Math.min(end, at + this.#left);
        this.#left -= this.dataEnd - at;
        if (this.#left === 0) this.#phase = "data-end";
        return this.dataEnd;
      }
      const next = this.#readLine(bytes, at, end);
      if (next === Unfinished) break;
      at = next;
      if (this.#phase === "end") break;
    }
    return at;
  }

  #readLine(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#phase) {
      case "size":
        return this.#readSize(bytes, at, end);
      case "data-end": {
        if (bytes[at] !== CR) throw new HttpError(400, "Chunk is not followed by CRLF");
        const next = lineEnd(bytes, at, end);
        if (next !== Unfinished) this.#phase = "size";
        return next;
      }
      default:
        return this.#readTrailer(bytes, at, end);
    }
  }

  #readSize(bytes: Uint8Array, at: number, end: number): number {
    let i = at;
    let size = 0;
    while (i < end && (octets[bytes[i]!]! & Octet.Hex) !== 0) {
      if (i - at === MOST_DIGITS) throw new HttpError(413, "Chunk is too large");
      size = size * 16 + hexValue(bytes[i++]!);
    }
    if (i === end) return Unfinished;
    if (i === at) throw new HttpError(400, "Chunk size is no hexadecimal number");
    const digitsEnd = i;
    if (bytes[i] === SEMICOLON) {
      const most = digitsEnd + MOST_EXTENSIONS - this.#extensions;
      while (i < end && i <= most && (octets[bytes[i]!]! & Octet.FieldValue) !== 0) i++;
      if (i > most) throw new HttpError(400, "Chunk extensions are too long");
      if (i === end) return Unfinished;
      if (!extensions.test(Buffer.from(bytes.subarray(digitsEnd, i)).toString("latin1"))) {
        throw new HttpError(400, "Chunk extension is malformed");
      }
    }
    if (bytes[i] !== CR) {
      throw new HttpError(400, bytes[i] === LF ? "Line ends without CR" : "Chunk size is malformed");
    }
    const next = lineEnd(bytes, i, end);
    if (next === Unfinished) return Unfinished;
    this.#extensions += i - digitsEnd;
    this.#left = size;
    this.#phase = size === 0 ? "trailers" : "data";
    return next;
  }

  /** Trailers are checked, and dropped: no handler here has a use for them. */
  #readTrailer(bytes: Uint8Array, at: number, end: number): number {
    const most = at + this.#limits.maxHead - this.#trailerOctets;
    const next = this.#line.scan(bytes, at, Math.min(end, most));
    if (next === Unfinished) {
      if (end > most) throw new HttpError(431, `Trailers are longer than ${this.#limits.maxHead} bytes`);
      return Unfinished;
    }
    this.#trailerOctets += next - at;
    const name = Buffer.from(bytes.subarray(at, this.#line.nameEnd)).toString("latin1").toLowerCase();
    if (forbiddenTrailers.has(name)) throw new HttpError(400, "Trailer is not allowed there");
    if (name === "") this.#phase = "end";
    else if (++this.#trailers > this.#limits.maxHeaders) {
      throw new HttpError(431, `More than ${this.#limits.maxHeaders} trailer fields`);
    }
    return next;
  }
}

function hexValue(octet: number): number {
  return octet <= 0x39 ? octet - 0x30 : (octet | 0x20) - 0x57;
}
