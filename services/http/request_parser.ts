import { ChunkedReader } from "./_chunked_reader.ts";
import type { FieldIndex } from "./_field_index.ts";
import { Unfinished } from "./_field_line.ts";
import type { HeadReader } from "./_head_reader.ts";
import type { HeadReaders } from "./_head_readers.ts";
import { HttpError } from "./http_error.ts";
import type { HttpLimits } from "./options.ts";
import { type RequestHead, unreadableFields } from "./request_head.ts";

/**
 * What comes next in the octets: `head`, then `data` any number of times, then `end`, for each request;
 * `more` when nothing can be said before more have come; `error` once, last.
 */
export type ParserEvent = "head" | "data" | "end" | "more" | "error";

const empty = new Uint8Array(0);

/** `head -> fixed | chunked -> between -> head`; from anywhere `failed`. */
type Phase = "head" | "fixed" | "chunked" | "failed";

/**
 * Takes requests out of a stream of octets. It is strict (RFC 9112 where that leaves a choice, the safe
 * one), does nothing but read, and says the same however the octets are cut.
 *
 * Chunks given may be overwritten when `next` has said `more`: what is still needed of them is kept.
 */
export class RequestParser {
  readonly #limits: HttpLimits;
  readonly #readers: HeadReaders;
  /** Reads the head that has begun. */
  #reader: HeadReader | null = null;
  #chunks: ChunkedReader | null = null;

  #phase: Phase = "head";
  #bytes: Uint8Array = empty;
  #at = 0;
  #end = 0;
  /** Unfinished lines, to be read on when more has come. */
  #held: Uint8Array | null = null;
  #left = 0;
  #bodySize = 0;

  /** After `head`, until its request's `end`. */
  head: RequestHead | null = null;
  /** After `head`: where its fields are, until another head is read. */
  fields: FieldIndex = unreadableFields;
  /** After `data`: a view of a chunk. */
  data: Uint8Array = empty;
  /** After `error`. */
  error: HttpError | null = null;

  constructor(limits: HttpLimits, readers: HeadReaders) {
    this.#limits = limits;
    this.#readers = readers;
  }

  /** Octets that were given and not yet used. */
  get unread(): number {
    return this.#end - this.#at;
  }

  /** True before the first octet of a request. */
  get atStart(): boolean {
    return this.#phase === "head" && this.#reader === null && this.#at === this.#end;
  }

  /** What came cannot be read: no more will be. */
  get failed(): boolean {
    return this.#phase === "failed";
  }

  /** The octets that follow those given before, all of which were read: `next` has said `more`. */
  give(chunk: Uint8Array): void {
    if (this.#held === null) {
      this.#bytes = chunk;
      this.#at = 0;
      this.#end = chunk.length;
      return;
    }
    const size = this.#end + chunk.length;
    if (size > this.#held.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#end));
      this.#held = larger;
    }
    this.#held.set(chunk, this.#end);
    this.#bytes = this.#held;
    this.#end = size;
  }

  /** Keep what was given and not yet read: the chunk is about to be overwritten. */
  own(): void {
    if (this.#bytes === this.#held || this.#at === this.#end) return;
    this.#hold();
  }

  /** What is left of what was given, for whoever speaks another protocol from now on. */
  takeRest(): Uint8Array {
    const rest = this.#bytes.slice(this.#at, this.#end);
    this.#at = this.#end;
    this.#phase = "failed";
    return rest;
  }

  next(): ParserEvent {
    try {
      switch (this.#phase) {
        case "head":
          return this.#nextHead();
        case "fixed":
          return this.#nextFixed();
        case "chunked":
          return this.#nextChunked();
        case "failed":
          return "more";
      }
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#phase = "failed";
      this.error = error;
      return "error";
    }
  }

  #nextHead(): ParserEvent {
    if (this.#at === this.#end) return this.#more();
    let reader = this.#reader;
    if (reader === null) {
      reader = this.#reader = this.#readers.take();
      reader.begin(this.#at);
    }
    const position = reader.read(this.#bytes, this.#end);
    if (position === Unfinished) return this.#hold();
    this.#at = position;
    this.#reader = null;
    this.#readers.giveBack(reader);
    const head = this.head = reader.head!;
    this.fields = reader.fields;
    this.#bodySize = 0;
    if (head.contentLength !== null) {
      if (head.contentLength > this.#limits.maxBody) throw this.#bodyTooLarge();
      this.#left = head.contentLength;
      this.#phase = "fixed";
    } else if (head.chunked) {
      this.#chunks = new ChunkedReader(this.#limits);
      this.#phase = "chunked";
    } else {
      this.#left = 0;
      this.#phase = "fixed";
    }
    return "head";
  }

  #nextFixed(): ParserEvent {
    if (this.#left === 0) return this.#endRequest();
    if (this.#at === this.#end) return this.#more();
    const end = Math.min(this.#end, this.#at + this.#left);
    this.data = this.#bytes.subarray(this.#at, end);
    this.#left -= end - this.#at;
    this.#at = end;
    return "data";
  }

  #nextChunked(): ParserEvent {
    const chunks = this.#chunks!;
    this.#at = chunks.read(this.#bytes, this.#at, this.#end);
    const size = chunks.dataEnd - chunks.dataStart;
    if (size > 0) {
      this.#bodySize += size;
      if (this.#bodySize > this.#limits.maxBody) throw this.#bodyTooLarge();
      this.data = this.#bytes.subarray(chunks.dataStart, chunks.dataEnd);
      return "data";
    }
    if (!chunks.ended) return this.#hold();
    this.#chunks = null;
    return this.#endRequest();
  }

  #endRequest(): ParserEvent {
    this.#phase = "head";
    this.head = null;
    this.data = empty;
    return "end";
  }

  #more(): ParserEvent {
    // All of it is used: what was held is needed no more.
    if (this.#at === this.#end) this.#held = null;
    this.#bytes = empty;
    this.#at = this.#end = 0;
    return "more";
  }

  /** Keep what is not yet used, at the front of a buffer of our own. */
  #hold(): ParserEvent {
    if (this.#at === this.#end) return this.#more();
    if (this.#bytes !== this.#held || this.#at > 0) {
      const rest = this.#bytes.subarray(this.#at, this.#end);
      const held = new Uint8Array(Math.max(256, rest.length));
      held.set(rest);
      this.#held = this.#bytes = held;
      this.#reader?.moved(this.#at);
      this.#end = rest.length;
      this.#at = 0;
    }
    return "more";
  }

  #bodyTooLarge(): HttpError {
    return new HttpError(413, `Body is longer than ${this.#limits.maxBody} bytes`);
  }
}
