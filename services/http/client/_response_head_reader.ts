import { Buffer } from "node:buffer";
import { FieldIndex } from "../_field_index.ts";
import { FieldLine, lineEnd, Unfinished } from "../_field_line.ts";
import { Octet, octets } from "../_octets.ts";
import { MalformedResponse } from "./_malformed_response.ts";
import { ResponseFraming } from "./_response_framing.ts";
import type { ClientLimits } from "./options.ts";
import type { ResponseHead } from "./response_head.ts";

const CR = 0x0d;

/** RFC 9112, section 4, but for the space before a reason that is absent: many servers leave that out. */
const statusLine = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: .*)?$/;

/** Octets as text, one character each. */
const latin1Slice = Buffer.prototype.latin1Slice as (this: Uint8Array, start: number, end: number) => string;

/** Reads the head of a response, as `HeadReader` reads that of a request. */
export class ResponseHeadReader {
  readonly #limits: ClientLimits;
  readonly #line = new FieldLine();
  readonly #framing = new ResponseFraming();
  readonly fields: FieldIndex = new FieldIndex();
  #start = 0;
  /** Where the line to read next begins. */
  #next = 0;
  #inFields = false;
  #status = 0;
  #minorVersion: 0 | 1 = 1;
  #fieldsAt = 0;

  /** The head that was read. */
  head: ResponseHead | null = null;

  constructor(limits: ClientLimits) {
    this.#limits = limits;
  }

  /** A head begins at `start` of what `read` will be given. */
  begin(start: number): void {
    this.#start = this.#next = start;
    this.#inFields = false;
  }

  /** What `read` was given has moved `by` octets towards the front. */
  moved(by: number): void {
    this.#start -= by;
    this.#next -= by;
  }

  /** The position after the head, which is then in `head`; `Unfinished` when it does not end before `end`. */
  read(bytes: Uint8Array, end: number): number {
    const most = this.#start + this.#limits.maxHead;
    const position = this.#readLines(bytes, Math.min(end, most));
    if (position === Unfinished && end > most) {
      throw new MalformedResponse(`Head is longer than ${this.#limits.maxHead} bytes`);
    }
    return position;
  }

  #readLines(bytes: Uint8Array, end: number): number {
    const { fields } = this;
    const line = this.#line;
    if (!this.#inFields) {
      const next = this.#readStatusLine(bytes, this.#next, end);
      if (next === Unfinished) return Unfinished;
      this.#next = next;
      this.#fieldsAt = next - this.#start;
      this.#inFields = true;
      fields.clear();
    }
    for (;;) {
      const next = line.scan(bytes, this.#next, end);
      if (next === Unfinished) return Unfinished;
      const nameStart = this.#next;
      this.#next = next;
      if (line.nameEnd === nameStart) return this.#finish(bytes, next);
      fields.add(nameStart - this.#start, line.nameEnd - nameStart);
      if (fields.count > this.#limits.maxHeaders) {
        throw new MalformedResponse(`More than ${this.#limits.maxHeaders} header fields`);
      }
    }
  }

  #readStatusLine(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end && (octets[bytes[i]!]! & Octet.FieldValue) !== 0) i++;
    if (i === end) return Unfinished;
    if (bytes[i] !== CR) throw new MalformedResponse("Status line has an octet that is not allowed there");
    const next = lineEnd(bytes, i, end);
    if (next === Unfinished) return Unfinished;
    const parts = statusLine.exec(latin1Slice.call(bytes, start, i));
    if (parts === null) throw new MalformedResponse("Does not begin with a status line of HTTP/1.1");
    this.#minorVersion = parts[1] === "1" ? 1 : 0;
    this.#status = Number(parts[2]);
    return next;
  }

  #finish(bytes: Uint8Array, end: number): number {
    const text = latin1Slice.call(bytes, this.#start, end);
    const framing = this.#framing;
    const minorVersion = this.#minorVersion;
    framing.read(this.fields, text, minorVersion);
    this.head = this.fields.head = {
      status: this.#status,
      minorVersion,
      text,
      fieldsAt: this.#fieldsAt,
      contentLength: framing.contentLength,
      chunked: framing.chunked,
      keepAlive: !framing.close && (minorVersion === 1 || framing.keepAlive),
      keptFor: framing.keptFor,
    };
    return end;
  }
}
