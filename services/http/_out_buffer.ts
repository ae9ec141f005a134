import type { Transport } from "../reactor/transport.ts";

const SLAB = 64 * 1024;
/** Up to so many characters, a loop is faster than a call into the runtime. */
const LOOP = 256;

const encoder = new TextEncoder();

/**
 * Where the replies of a server are put together. Those that one connection makes in one turn stand one
 * after the other and are written at once. What was written is never touched again: the buffer goes on
 * behind it, and is left to the garbage collector when it is full.
 */
export class OutBuffer {
  #bytes = new Uint8Array(SLAB);
  #start = 0;
  #at = 0;
  #owner: Transport | null = null;

  /** Whether something of `size` bytes is to be put here, rather than written by itself. */
  takes(size: number): boolean {
    return size <= SLAB / 2;
  }

  /** What follows, of up to `size` bytes, is for `transport`. */
  open(transport: Transport, size: number): void {
    if (this.#owner === transport && this.#at + size <= SLAB) return;
    this.flush();
    this.#owner = transport;
    if (this.#at + size <= SLAB) return;
    this.#bytes = new Uint8Array(SLAB);
    this.#start = this.#at = 0;
  }

  /** `text`, one byte a character. */
  latin1(text: string): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  /** `text` as UTF-8. */
  utf8(text: string): void {
    this.#at += encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written;
  }

  /** ASCII, however long. */
  ascii(text: string): void {
    if (text.length <= LOOP) this.latin1(text);
    else this.utf8(text);
  }

  bytes(data: Uint8Array): void {
    this.#bytes.set(data, this.#at);
    this.#at += data.length;
  }

  /** Write what has been put here. */
  flush(): void {
    if (this.#owner === null) return;
    if (this.#at > this.#start) this.#owner.write(this.#bytes.subarray(this.#start, this.#at));
    this.#start = this.#at;
    this.#owner = null;
  }
}
