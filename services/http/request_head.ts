import { FieldIndex } from "./_field_index.ts";
import type { Host } from "./_hosts.ts";

/** What a request says before its body, checked against RFC 9110 and RFC 9112. */
export interface RequestHead {
  /** One of those that are registered with IANA, in upper case. */
  readonly method: string;
  /** Path and query as they came (origin-form), or `*`. */
  readonly target: string;
  /** True when `target` consists of what a URL leaves alone, but for dot segments. */
  readonly plainTarget: boolean;
  /** HTTP/1.0 or HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  /** The whole head, octet by octet (Latin-1), to the empty line. */
  readonly text: string;
  /** Where the first field begins in `text`. */
  readonly fieldsAt: number;
  /** What the request is for; null in HTTP/1.0 without one. */
  readonly host: Host | null;
  /** Octets of body; null when there is none or `chunked`. */
  readonly contentLength: number | null;
  /** The body comes in chunks. */
  readonly chunked: boolean;
  /** The connection may carry another request. */
  readonly keepAlive: boolean;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}

/** In place of a head that could not be read, for the reply that says so. */
export const unreadableHead: RequestHead = {
  method: "GET",
  target: "/",
  plainTarget: true,
  minorVersion: 1,
  text: "\r\n",
  fieldsAt: 0,
  host: null,
  contentLength: null,
  chunked: false,
  keepAlive: false,
  expectsContinue: false,
};

/** Its fields: none. */
export const unreadableFields: FieldIndex = FieldIndex.of(unreadableHead);
