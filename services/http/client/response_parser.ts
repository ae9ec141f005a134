import { ChunkedReader } from "../_chunked_reader.ts";
import type { FieldIndex } from "../_field_index.ts";
import { Unfinished } from "../_field_line.ts";
import { HttpError } from "../http_error.ts";
import { defaultLimits, type HttpLimits } from "../options.ts";
import { MalformedResponse } from "./_malformed_response.ts";
import { ResponseHeadReader } from "./_response_head_reader.ts";
import type { ClientLimits } from "./options.ts";
import type { ResponseHead } from "./response_head.ts";

/**
 * What comes next in the octets: `head`, then `data` any number of times, then `end`; `more` when nothing can be
 * said before more have come; `error` once, last.
 */
export type ResponseEvent = "head" | "data" | "end" | "more" | "error";

/**
 * `idle` until a response is due; then `head -> fixed | chunked | until-close -> idle`, or `switched` after a 101;
 * from anywhere `failed`.
 */
type Phase = "idle" | "head" | "fixed" | "chunked" | "until-close" | "switched" | "failed";

/** Interim responses (1xx) before the one that counts. */
const MOST_INTERIM = 16;

const empty = new Uint8Array(0);

/**
 * Takes responses out of a stream of octets (RFC 9112, section 6.3), each after it was announced by `expect`. It
 * is as strict as `RequestParser`, and says the same however the octets are cut. Interim responses are passed over.
 *
 * Chunks given may be overwritten when `next` has said `more`: what is still needed of them is kept.
 */
export class ResponseParser {
  readonly #heads: ResponseHeadReader;
  readonly #chunkLimits: HttpLimits;
  #chunks: ChunkedReader | null = null;
  #phase: Phase = "idle";
  #bytes: Uint8Array = empty;
  #at = 0;
  #headBegun = false;
  #left = 0;
  #interim = 0;
  #withoutBody = false;
  #mayUpgrade = false;

  /** After `head`. */
  head: ResponseHead | null = null;
  /** After `data`: a view of a chunk. */
  data: Uint8Array = empty;
  /** After `error`: what is wrong. */
  error = "";

  constructor(limits: ClientLimits) {
    this.#heads = new ResponseHeadReader(limits);
    this.#chunkLimits = { ...defaultLimits, maxHead: limits.maxHead, maxHeaders: limits.maxHeaders };
  }

  /** Where the fields of `head` are, until the next head is read. */
  get fields(): FieldIndex {
    return this.#heads.fields;
  }

  /** A request of `method` was sent. `mayUpgrade`: it asked for another protocol. */
  expect(method: string, mayUpgrade: boolean): void {
    this.#phase = "head";
    this.#headBegun = false;
    this.#interim = 0;
    this.#withoutBody = method === "HEAD";
    this.#mayUpgrade = mayUpgrade;
  }

  /** The octets that follow those given before; `next` has said `more` to these. */
  give(chunk: Uint8Array): void {
    if (this.#at === this.#bytes.length) {
      this.#bytes = chunk;
      this.#at = 0;
      return;
    }
    const joined = new Uint8Array(this.#bytes.length + chunk.length);
    joined.set(this.#bytes);
    joined.set(chunk, this.#bytes.length);
    this.#bytes = joined;
  }

  /** What is left of what was given, for whoever speaks another protocol from now on. */
  takeRest(): Uint8Array {
    const rest = this.#bytes.slice(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }

  /** The server sends no more. True when the response ends with that; false when it was cut short. */
  ended(): boolean {
    return this.#phase === "until-close";
  }

  next(): ResponseEvent {
    try {
      return this.#next();
    } catch (error) {
      if (!(error instanceof HttpError || error instanceof MalformedResponse)) throw error;
      this.#phase = "failed";
      this.error = error.message;
      return "error";
    }
  }

  #next(): ResponseEvent {
    switch (this.#phase) {
      case "head":
        return this.#nextHead();
      case "fixed":
        return this.#nextFixed();
      case "chunked":
        return this.#nextChunked();
      case "until-close":
        if (this.#at === this.#bytes.length) return "more";
        this.data = this.#bytes.subarray(this.#at);
        this.#at = this.#bytes.length;
        return "data";
      case "idle":
        if (this.#at < this.#bytes.length) throw new MalformedResponse("More came than the response");
        return "more";
      case "switched":
      case "failed":
        return "more";
    }
  }

  #nextHead(): ResponseEvent {
    for (;;) {
      if (this.#at === this.#bytes.length) return "more";
      if (!this.#headBegun) {
        this.#headBegun = true;
        this.#heads.begin(this.#at);
      }
      const position = this.#heads.read(this.#bytes, this.#bytes.length);
      if (position === Unfinished) return this.#keep();
      this.#at = position;
      this.#headBegun = false;
      const head = this.#heads.head!;
      if (head.status >= 200 || head.status === 101) return this.#begin(head);
      if (++this.#interim > MOST_INTERIM) throw new MalformedResponse("Too many interim responses");
    }
  }

  #begin(head: ResponseHead): ResponseEvent {
    this.head = head;
    if (head.status === 101) {
      if (!this.#mayUpgrade) throw new MalformedResponse("Switches to a protocol that nobody asked for");
      this.#phase = "switched";
    } else if (this.#withoutBody || head.status === 204 || head.status === 304) {
      this.#left = 0;
      this.#phase = "fixed";
    } else if (head.chunked) {
      this.#chunks = new ChunkedReader(this.#chunkLimits);
      this.#phase = "chunked";
    } else if (head.contentLength !== null) {
      this.#left = head.contentLength;
      this.#phase = "fixed";
    } else {
      this.#phase = "until-close";
    }
    return "head";
  }

  #nextFixed(): ResponseEvent {
    if (this.#left === 0) {
      this.#phase = "idle";
      return "end";
    }
    const size = Math.min(this.#bytes.length - this.#at, this.#left);
    if (size === 0) return "more";
    this.data = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    this.#left -= size;
    return "data";
  }

  #nextChunked(): ResponseEvent {
    const chunks = this.#chunks!;
    this.#at = chunks.read(this.#bytes, this.#at, this.#bytes.length);
    if (chunks.dataEnd > chunks.dataStart) {
      this.data = this.#bytes.subarray(chunks.dataStart, chunks.dataEnd);
      return "data";
    }
    if (!chunks.ended) return this.#keep();
    this.#phase = "idle";
    return "end";
  }

  /** Keep what is not yet used: the chunk may be overwritten. */
  #keep(): ResponseEvent {
    const at = this.#at;
    this.#bytes = this.#bytes.slice(at);
    this.#at = 0;
    if (this.#headBegun) this.#heads.moved(at);
    return "more";
  }
}
