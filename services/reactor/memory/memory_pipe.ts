import { ConnectionLost } from "../errors.ts";

/** What a pipe holds before its writer has to wait, as a socket's buffers would: 64 KiB. */
const CAPACITY = 64 * 1024;

/** One direction of a connection in memory: bounded, first in first out. */
export class MemoryPipe {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #broken = false;
  #reader: PromiseWithResolvers<void> | null = null;
  #writer: PromiseWithResolvers<void> | null = null;

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#size === 0) {
      if (this.#broken) throw new ConnectionLost("Connection reset by peer");
      if (this.#ended) return null;
      await (this.#reader = Promise.withResolvers<void>()).promise;
    }
    const size = this.#take(buffer);
    this.#wake("#writer");
    return size;
  }

  async write(data: Uint8Array): Promise<number> {
    while (this.#size >= CAPACITY && !this.#broken && !this.#ended) {
      await (this.#writer = Promise.withResolvers<void>()).promise;
    }
    if (this.#broken || this.#ended) throw new ConnectionLost("Broken pipe");
    const taken = data.slice(0, CAPACITY - this.#size);
    this.#chunks.push(taken);
    this.#size += taken.length;
    this.#wake("#reader");
    return taken.length;
  }

  /** No more will be written; what is in the pipe can still be read. */
  end(): void {
    this.#ended = true;
    this.#wake("#reader");
    this.#wake("#writer");
  }

  /** The reading end is gone: writing fails from now on. */
  break(): void {
    this.#broken = true;
    this.#chunks.length = 0;
    this.#size = 0;
    this.#wake("#reader");
    this.#wake("#writer");
  }

  #take(buffer: Uint8Array): number {
    let at = 0;
    while (at < buffer.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, buffer.length - at);
      buffer.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#size -= at;
    return at;
  }

  #wake(side: "#reader" | "#writer"): void {
    const waiting = side === "#reader" ? this.#reader : this.#writer;
    if (side === "#reader") this.#reader = null;
    else this.#writer = null;
    waiting?.resolve();
  }
}
