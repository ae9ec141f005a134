import type { ByteRange } from "./byte_ranges.ts";
import type { Representation } from "./representation.ts";

/** Octets that are kept in all. */
const MOST_KEPT = 64 * 1024 * 1024;
/** Larger files are read whenever they are sent. */
const LARGEST = 16 * 1024 * 1024;
/** What is handed over at once. It is shared, not copied. */
const SLICE = 4 * 1024 * 1024;

interface Kept {
  readonly bytes: Uint8Array;
  /** Bodies that are being sent from it. */
  users: number;
}

/**
 * Large files that are asked for again and again, in memory: to read what is sent costs as much as to send it. What
 * is being sent is not dropped, so that no number of slow clients holds more than is counted here.
 */
export class KeptFiles {
  /** The oldest first. */
  readonly #kept = new Map<Representation, Kept>();
  /** Asked for once; the next time they are read for all who follow. */
  readonly #seen = new WeakSet<Representation>();
  /** Octets of what is kept, or being read to be kept. */
  #size = 0;

  /** A body of `parts` of `form` from memory; null when it is not there (yet). */
  body(form: Representation, parts: readonly (ByteRange | Uint8Array)[]): AsyncIterable<Uint8Array> | null {
    const kept = this.#kept.get(form);
    if (kept === undefined) {
      this.#consider(form);
      return null;
    }
    kept.users++;
    return new KeptBody(kept.bytes, parts, () => void kept.users--);
  }

  #consider(form: Representation): void {
    if (form.size > LARGEST) return;
    if (!this.#seen.has(form)) return void this.#seen.add(form);
    if (!this.#makeRoom(form.size)) return;
    this.#seen.delete(form);
    this.#size += form.size;
    Deno.readFile(form.path).then((bytes) => {
      // What has changed meanwhile is another form.
      if (bytes.length === form.size) this.#kept.set(form, { bytes, users: 0 });
      else this.#size -= form.size;
    }, () => void (this.#size -= form.size));
  }

  /** Whether there is room for `size` more, once what nobody is sent is dropped where it must be. */
  #makeRoom(size: number): boolean {
    for (const [form, { bytes, users }] of this.#kept) {
      if (this.#size + size <= MOST_KEPT) return true;
      if (users > 0) continue;
      this.#kept.delete(form);
      this.#size -= bytes.length;
    }
    return this.#size + size <= MOST_KEPT;
  }
}

class KeptBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #slices: Iterator<Uint8Array>;
  #done: (() => void) | null;

  constructor(bytes: Uint8Array, parts: readonly (ByteRange | Uint8Array)[], done: () => void) {
    this.#slices = slicesOf(bytes, parts);
    this.#done = done;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const next = this.#slices.next();
    return next.done ? this.return() : Promise.resolve(next);
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#done?.();
    this.#done = null;
    return Promise.resolve({ done: true, value: undefined });
  }
}

function* slicesOf(bytes: Uint8Array, parts: readonly (ByteRange | Uint8Array)[]): Generator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else {
      for (let at = part.start; at < part.end; at += SLICE) {
        yield bytes.subarray(at, Math.min(at + SLICE, part.end));
      }
    }
  }
}
