import type { Transport } from "../reactor/transport.ts";

const SLAB = 64 * 1024;

const encoder = new TextEncoder();

/**
 * Where what a server sends is put together. What is meant for one connection in one turn stands in one
 * piece and is written at once. What was written is never touched again: the buffer goes on behind it, and
 * is left to the garbage collector when it is full.
 */
export class OutBuffer {
  #bytes = new Uint8Array(SLAB);
  /** What is between them waits to be written to `#owner`. */
  #start = 0;
  #at = 0;
  #owner: Transport | null = null;

  /** Whether something of `size` bytes is to be put here, rather than written by itself. */
  takes(size: number): boolean {
    return size <= SLAB / 2;
  }

  /** What follows is for `transport`. */
  open(transport: Transport): void {
    if (this.#owner === transport) return;
    this.flush();
    this.#owner = transport;
  }

  /** How much waits to be written: what `truncate` takes to forget what came after. */
  get size(): number {
    return this.#at - this.#start;
  }

  /** Forget all that was put here after there were `size` bytes. */
  truncate(size: number): void {
    this.#at = this.#start + size;
  }

  /** ASCII, or Latin-1: one byte a character. */
  latin1(text: string): void {
    const { length } = text;
    if (this.#at + length > this.#bytes.length) this.#makeRoom(length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  /**
   * A field value (RFC 9110, section 5.5), one byte a character. False, and nothing is put here, when it has a
   * character that is not allowed.
   */
  fieldValue(text: string): boolean {
    const { length } = text;
    if (this.#at + length > this.#bytes.length) this.#makeRoom(length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
      bytes[at++] = code;
    }
    this.#at = at;
    return true;
  }

  /** `text` as UTF-8, of which there are `size` bytes. */
  utf8(text: string, size: number): void {
    // A loop beats a call into the runtime as long as it is short.
    if (size === text.length && size <= 200) return this.latin1(text);
    if (this.#at + size > this.#bytes.length) this.#makeRoom(size);
    encoder.encodeInto(text, this.#bytes.subarray(this.#at));
    this.#at += size;
  }

  /** One byte. */
  octet(value: number): void {
    if (this.#at === this.#bytes.length) this.#makeRoom(1);
    this.#bytes[this.#at++] = value;
  }

  bytes(data: Uint8Array): void {
    if (this.#at + data.length > this.#bytes.length) this.#makeRoom(data.length);
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

  /** A new slab, to which what waits moves. */
  #makeRoom(more: number): void {
    const waiting = this.#bytes.subarray(this.#start, this.#at);
    this.#bytes = new Uint8Array(Math.max(SLAB, waiting.length + more));
    this.#bytes.set(waiting);
    this.#start = 0;
    this.#at = waiting.length;
  }
}
