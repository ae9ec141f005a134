import { Buffer } from "node:buffer";
import { FieldIndex } from "./_field_index.ts";
import { FieldLine, lineEnd, Unfinished } from "./_field_line.ts";
import { Framing } from "./_framing.ts";
import type { Host, Hosts } from "./_hosts.ts";
import { knownMethods, longestMethod, refusedMethods } from "./_methods.ts";
import { Octet, octets } from "./_octets.ts";
import { HttpError } from "./http_error.ts";
import type { HttpLimits } from "./options.ts";
import type { RequestHead } from "./request_head.ts";

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const SLASH = 0x2f;

const version = new TextEncoder().encode("HTTP/1.1");
/** Where the digits are in it. */
const MAJOR = 5;
const MINOR = 7;

/** Octets as text, one character each. */
const latin1Slice = Buffer.prototype.latin1Slice as (this: Uint8Array, start: number, end: number) => string;

/**
 * Reads the head of a request (RFC 9112, sections 2 and 3). It may be called again with more of the same
 * octets, and goes on at the line that was not finished: what it says does not depend on how the octets came.
 */
export class HeadReader {
  readonly #limits: HttpLimits;
  readonly #hosts: Hosts;
  readonly #line = new FieldLine();
  readonly #framing = new Framing();
  /** Where the fields of the head are. */
  readonly fields: FieldIndex = new FieldIndex();

  #start = 0;
  /** Where the line to read next begins. */
  #next = 0;
  /** The request line is read; what it says, by places relative to `#start`. */
  #inFields = false;
  #method = "";
  #targetStart = 0;
  #targetEnd = 0;
  #plainTarget = false;
  #minorVersion: 0 | 1 = 1;
  #fieldsAt = 0;

  /** The Host field read last: on one connection it hardly changes. */
  #hostText: string | null = null;
  #host: Host | null = null;

  /** The head that was read. */
  head: RequestHead | null = null;

  constructor(limits: HttpLimits, hosts: Hosts) {
    this.#limits = limits;
    this.#hosts = hosts;
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
      throw new HttpError(431, `Head is longer than ${this.#limits.maxHead} bytes`);
    }
    return position;
  }

  #readLines(bytes: Uint8Array, end: number): number {
    if (!this.#inFields) {
      const next = this.#readRequestLine(bytes, this.#next, end);
      if (next === Unfinished) return Unfinished;
      this.#next = next;
      this.#fieldsAt = next - this.#start;
      this.#inFields = true;
      this.fields.clear();
    }
    const line = this.#line;
    const { fields } = this;
    for (;;) {
      const next = line.scan(bytes, this.#next, end);
      if (next === Unfinished) return Unfinished;
      const nameStart = this.#next;
      this.#next = next;
      if (line.nameEnd === nameStart) return this.#finish(bytes, next);
      fields.add(nameStart - this.#start, line.nameEnd - nameStart);
      if (fields.count > this.#limits.maxHeaders) {
        throw new HttpError(431, `More than ${this.#limits.maxHeaders} header fields`);
      }
    }
  }

  #readRequestLine(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    // RFC 9112, section 2.2: one empty line before a request is forgiven.
    if (at < end && bytes[at] === CR) {
      at = lineEnd(bytes, at, end);
      if (at === Unfinished) return Unfinished;
    }
    let i = at;
    while (i < end && (octets[bytes[i]!]! & Octet.Token) !== 0 && i - at <= longestMethod) i++;
    if (i - at > longestMethod) throw new HttpError(501, "Method is not known");
    if (i === end) return Unfinished;
    if (bytes[i] !== SP || i === at) throw new HttpError(400, "Request line does not begin with a method");
    this.#method = methodOf(bytes, at, i);

    const target = ++i;
    const longest = Math.min(end, target + this.#limits.maxTarget + 1);
    let classes = Octet.PlainTarget as number;
    while (i < longest && (octets[bytes[i]!]! & Octet.Target) !== 0) classes &= octets[bytes[i++]!]!;
    if (i - target > this.#limits.maxTarget) {
      throw new HttpError(414, `Request target is longer than ${this.#limits.maxTarget} bytes`);
    }
    if (i === end) return Unfinished;
    if (bytes[i] !== SP || i === target) {
      throw new HttpError(400, "Request target has an octet that is not allowed");
    }
    this.#targetStart = target - this.#start;
    this.#targetEnd = i - this.#start;
    this.#plainTarget = classes !== 0;
    return this.#readVersion(bytes, i + 1, end);
  }

  #readVersion(bytes: Uint8Array, start: number, end: number): number {
    this.#minorVersion = 1;
    for (let at = 0; at < version.length; at++) {
      if (start + at === end) return Unfinished;
      const octet = bytes[start + at]!;
      if (octet === version[at]) continue;
      if (at !== MINOR || octet !== 0x30) throw versionError(octet, at);
      this.#minorVersion = 0;
    }
    const i = start + version.length;
    if (i === end) return Unfinished;
    if (bytes[i] === CR) return lineEnd(bytes, i, end);
    throw new HttpError(400, bytes[i] === LF ? "Line ends without CR" : "HTTP version is malformed");
  }

  #finish(bytes: Uint8Array, end: number): number {
    const text = latin1Slice.call(bytes, this.#start, end);
    const minorVersion = this.#minorVersion;
    const method = this.#method;
    const framing = this.#framing;
    framing.read(this.fields, text, minorVersion);
    let target = text.slice(this.#targetStart, this.#targetEnd);
    if (target.charCodeAt(0) !== SLASH) target = originForm(target, method, framing.host);
    this.head = this.fields.head = {
      method,
      target,
      plainTarget: this.#plainTarget,
      minorVersion,
      text,
      fieldsAt: this.#fieldsAt,
      host: this.#hostOf(framing.host),
      contentLength: framing.contentLength,
      chunked: framing.chunked,
      keepAlive: !framing.close && (minorVersion === 1 || framing.keepAlive),
      expectsContinue: framing.expectsContinue,
    };
    return end;
  }

  #hostOf(text: string | null): Host | null {
    if (text === this.#hostText) return this.#host;
    const host = text === null ? null : this.#hosts.get(text);
    if (text !== null && host === null) throw new HttpError(400, "Host field names no host");
    this.#hostText = text;
    return this.#host = host;
  }
}

function methodOf(bytes: Uint8Array, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54) {
    return "GET";
  }
  const method = latin1Slice.call(bytes, start, end);
  if (knownMethods.has(method)) return method;
  if (refusedMethods.has(method)) {
    throw new HttpError(405, `Method ${method} is not allowed`, {
      headers: { allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
    });
  }
  throw new HttpError(501, "Method is not known");
}

/** What is wrong with a version that differs from `HTTP/1.0` and `HTTP/1.1` at octet `at`. */
function versionError(octet: number, at: number): HttpError {
  const digit = (octets[octet]! & Octet.Digit) !== 0;
  if (digit && (at === MAJOR || at === MINOR)) return new HttpError(505, "HTTP version is not supported");
  return new HttpError(400, "HTTP version is malformed");
}

/**
 * The origin-form of a target that does not begin with a slash (RFC 9112, section 3.2). An absolute-form's
 * authority must be the Host field's: where they differ, servers differ in whom they believe.
 */
function originForm(target: string, method: string, host: string | null): string {
  if (target === "*") {
    if (method === "OPTIONS") return target;
    throw new HttpError(400, 'Request target "*" is for OPTIONS only');
  }
  const absolute = /^https?:\/\/([^/?]+)(.*)$/i.exec(target);
  if (absolute === null) throw new HttpError(400, "Request target is neither a path nor an http URL");
  const [, authority = "", rest = ""] = absolute;
  if (host !== null && authority.toLowerCase() !== host.toLowerCase()) {
    throw new HttpError(400, "Request target and Host field name different hosts");
  }
  return rest.startsWith("/") ? rest : `/${rest}`;
}
