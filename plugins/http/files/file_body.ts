import type { ByteRange } from "./byte_ranges.ts";
import type { ReusedChunks } from "../../../services/http/reply.ts";
import type { ReadBuffers } from "./read_buffers.ts";

/** What is sent of an open file, in large chunks; the file is closed when that is done or nobody wants it any more. */
export class FileBody implements AsyncIterable<Uint8Array>, ReusedChunks {
  readonly #file: Deno.FsFile;
  readonly #buffers: ReadBuffers;
  readonly #parts: readonly (ByteRange | Uint8Array)[];
  #part = 0;
  /** Where the part under way goes on; null before its begin. */
  #at: number | null = null;
  #closed = false;

  /** `parts` are sent one after the other: ranges of the file, and bytes between them. */
  constructor(file: Deno.FsFile, parts: readonly (ByteRange | Uint8Array)[], buffers: ReadBuffers) {
    this.#file = file;
    this.#parts = parts;
    this.#buffers = buffers;
    buffers.opened();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const part = this.#parts[this.#part];
    if (part === undefined || this.#closed) return this.return();
    if (part instanceof Uint8Array) {
      this.#part++;
      return Promise.resolve({ done: false, value: part });
    }
    try {
      return Promise.resolve({ done: false, value: this.#read(part) });
    } catch (error) {
      this.#close();
      return Promise.reject(error);
    }
  }

  release(chunk: Uint8Array<ArrayBuffer>): void {
    this.#buffers.give(chunk);
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /**
   * Read at once, as nginx does: what is sent often lies in the system's cache, and another thread would cost three
   * times as much as the copy.
   */
  #read({ start, end }: ByteRange): Uint8Array {
    if (this.#at === null) {
      this.#at = start;
      if (this.#part > 0 || start > 0) this.#file.seekSync(start, Deno.SeekMode.Start);
    }
    const left = end - this.#at;
    const buffer = this.#buffers.take(left);
    const room = buffer.length > left ? buffer.subarray(0, left) : buffer;
    for (let size = 0; size < room.length;) {
      const read = this.#file.readSync(room.subarray(size));
      if (read === null) throw new Error("File has become shorter while it was sent");
      size += read;
    }
    this.#at += room.length;
    if (this.#at === end) {
      this.#part++;
      this.#at = null;
    }
    return room;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#buffers.closed();
  }
}
